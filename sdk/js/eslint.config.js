/** What is wrong whatever one's style is; style is prettier's. */
export default [
  { ignores: ["types/**", "node_modules/**"] },
  {
    languageOptions: { ecmaVersion: 2023, sourceType: "module" },
    rules: {
      eqeqeq: "error",
      "no-shadow": "error",
      "no-unused-vars": "error",
      "no-var": "error",
      "no-unreachable": "error",
      "no-fallthrough": "error",
      "no-dupe-keys": "error",
      "no-self-compare": "error",
      "prefer-const": "error",
    },
  },
];
