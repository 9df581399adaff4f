/**
 * A number of 64 bits that nobody can foretell, for hash seeds and samples, not for secrets. In a
 * deterministic replay, and in tests, the same ones in every run. A host call: seed a generator of your
 * own for many.
 *
 * @returns {bigint}
 */
export function randomU64(): bigint;
