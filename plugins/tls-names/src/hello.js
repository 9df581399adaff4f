import { Cut, Malformed, Reader } from "./reader.js";

/**
 * What a ClientHello says, as far as it could be read. `serverName` is in lower case, `version` the
 * newest that is offered.
 *
 * @typedef {object} Hello
 * @property {string | undefined} serverName
 * @property {string[]} alpn
 * @property {string | undefined} version
 * @property {"whole" | "cut" | "malformed"} outcome
 */

/** Of a TLS record (RFC 8446, 5.1). */
const HANDSHAKE = 22;

/** Of a handshake message (RFC 8446, 4). */
const CLIENT_HELLO = 1;

/** Extensions, as IANA assigns them. */
const SERVER_NAME = 0;
const ALPN = 16;
const SUPPORTED_VERSIONS = 43;

/** @type {ReadonlyMap<number, string>} */
const VERSIONS = new Map([
  [0x0304, "1.3"],
  [0x0303, "1.2"],
  [0x0302, "1.1"],
  [0x0301, "1.0"],
  [0x0300, "3.0"],
]);

/**
 * Read the first bytes of a TCP segment.
 *
 * @param {Uint8Array} bytes
 * @returns {Hello | undefined} Nothing where they are no ClientHello's.
 */
export function clientHello(bytes) {
  const isHandshake = bytes[0] === HANDSHAKE && bytes[1] === 3;
  if (!isHandshake || bytes[5] !== CLIENT_HELLO) return undefined;
  /** @type {Hello} */
  const hello = { serverName: undefined, alpn: [], version: undefined, outcome: "whole" };
  try {
    readHello(new Reader(bytes), hello);
  } catch (error) {
    if (error instanceof Cut) hello.outcome = "cut";
    else if (error instanceof Malformed) hello.outcome = "malformed";
    else throw error;
  }
  return hello;
}

/**
 * @param {Reader} reader At a record.
 * @param {Hello} hello
 */
function readHello(reader, hello) {
  reader.skip(3);
  const record = reader.block(2);
  record.skip(1);
  const message = record.block(3);
  const legacy = message.number(2);
  message.skip(32);
  message.block(1).end();
  message.block(2).end();
  message.block(1).end();
  // A client without extensions offers no more than this (RFC 8446, 4.1.2).
  if (!message.hasMore()) hello.version = versionName(legacy);
  else readExtensions(message.block(2), legacy, hello);
}

/**
 * @param {Reader} extensions
 * @param {number} legacy
 * @param {Hello} hello
 */
function readExtensions(extensions, legacy, hello) {
  while (extensions.hasMore()) {
    const type = extensions.number(2);
    const body = extensions.block(2);
    if (type === SERVER_NAME) hello.serverName = serverName(body);
    else if (type === ALPN) hello.alpn = protocols(body);
    else if (type === SUPPORTED_VERSIONS) hello.version = newest(body);
    body.end();
  }
  hello.version ??= versionName(legacy);
}

/**
 * RFC 6066, 3: a list of names, of which there is one.
 *
 * @param {Reader} body
 */
function serverName(body) {
  const list = body.block(2);
  const isHostName = list.number(1) === 0;
  const name = list.block(2).text();
  list.end();
  if (!isHostName) return undefined;
  // What is no name of a host is the sender's invention.
  if (!/^[A-Za-z0-9._-]{1,253}$/.test(name)) throw new Malformed();
  return name.toLowerCase();
}

/**
 * RFC 7301, 3.1. Names that nobody assigned so that servers learn to ignore them (RFC 8701) are left out.
 *
 * @param {Reader} body
 */
function protocols(body) {
  const names = [];
  for (const list = body.block(2); list.hasMore();) {
    const name = list.block(1).text();
    if (/^[!-~]+$/.test(name)) names.push(name.replaceAll(",", "%2c"));
  }
  return names;
}

/**
 * RFC 8446, 4.2.1.
 *
 * @param {Reader} body
 */
function newest(body) {
  let best = 0;
  for (const list = body.block(1); list.hasMore();) {
    const version = list.number(2);
    if (VERSIONS.has(version) && version > best) best = version;
  }
  return versionName(best);
}

/** @param {number} version */
function versionName(version) {
  return VERSIONS.get(version) ?? "other";
}
