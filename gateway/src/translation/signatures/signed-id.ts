/**
 * Signatures inside the ids of tool calls: the one thing that every client sends back as it was (fact sheet translation 5.2).
 *
 * `<short id>_g1<length of the payload, base 36>_<payload>_<checksum, 6 hex>`, letters, digits, `_` and `-` only. The
 * payload: mark of the short id (4), mark of the model's family (4), mark of the issuer (8), form (1), the signature. An id
 * that was cut or changed gives no signature; as long as the mark of the short id is there, it still gives the short id.
 * @module
 */
import { decodeBase64Url, encodeBase64Url, toStandardAlphabet, toUrlAlphabet } from "../../core/base64.ts";
import { crc24, toHex24, toTag24 } from "./checksum.ts";
import { modelFamily } from "./model-family.ts";

/** A signature with who made it. */
export interface SignatureInId {
  /** As Google gave it. */
  signature: string;
  /** `familyTag` of the model that made it. */
  family: string;
  /** `issuerTag` of the project that made it. */
  issuer: string;
}

/** What an id says. */
export interface DecodedId {
  /** The id without the signature; ids of others as they are. */
  shortId: string;
  /** Null: none is in it, or not all of it. */
  signed: SignatureInId | null;
}

/** Signatures above this stay out of ids: clients were seen to keep ids of 12,027 characters. */
export const longestInId = 8192;

/** The mark of a model's family. @returns 4 characters */
export function familyTag(model: string): string {
  return toTag24(crc24(modelFamily(model)));
}

/**
 * Puts a signature into an id.
 * @param facts `id`: short, at most 128 characters; `model`: that made it; `issuer`: `issuerTag` of the project
 * @returns the id as it is when the signature is too long for it, or the id of a kind that cannot carry one
 */
export function encodeSignedId(facts: { id: string; signature: string; model: string; issuer: string }): string {
  const { id, signature, issuer } = facts;
  if (signature === "" || signature.length > longestInId || id.length > longestShortId) return id;
  if (!/^[\w-]+$/.test(id) || !/^[0-9a-f]{8}$/.test(issuer)) return id;
  const body = toBody(signature);
  if (body.length > longestInId + 1) return id;
  const payload = toTag24(crc24(id)) + familyTag(facts.model) + issuer + body;
  const text = `${id}${mark}${payload.length.toString(36)}_${payload}`;
  // An id that looks like the beginning of a signed one would be read as another.
  if (split(text)?.shortLength !== id.length) return id;
  return `${text}_${toHex24(crc24(text))}`;
}

/**
 * Reads an id. Takes any text, never throws, in linear time.
 * @returns the signature only when every character is as it was written
 */
export function decodeSignedId(text: string): DecodedId {
  const found = split(text);
  if (found === null) return { shortId: text, signed: null };
  return { shortId: text.slice(0, found.shortLength), signed: readPayload(text, found) };
}

/** Only the id without the signature: cheaper than `decodeSignedId`. */
export function shortIdOf(text: string): string {
  const found = split(text);
  return found === null ? text : text.slice(0, found.shortLength);
}

// --- helpers ---

const mark = "_g1";
/** Also bounds the places at which a hostile id is looked at. */
const longestShortId = 128;
const tagLength = 4;
const issuerLength = 8;
const headLength = 2 * tagLength + issuerLength;
const checksumLength = 6;

/** By character: 1 both alphabets, 2 the standard one only, 4 the URL one only, 8 none. */
const kinds = Uint8Array.from({ length: 128 }, (_, code) => {
  const character = String.fromCharCode(code);
  if (/[A-Za-z0-9]/.test(character)) return 1;
  return "+/".includes(character) ? 2 : "-_".includes(character) ? 4 : 8;
});

interface Parts {
  shortLength: number;
  payloadStart: number;
  payloadLength: number;
}

/** Finds where the payload begins; null: it is no id of ours. */
function split(text: string): Parts | null {
  for (let at = text.indexOf(mark); at >= 0 && at <= longestShortId; at = text.indexOf(mark, at + 1)) {
    const digits = at + mark.length;
    let end = digits;
    while (end < digits + 3 && isBase36(text.charCodeAt(end))) end++;
    if (at === 0 || end === digits || text.charAt(end) !== "_") continue;
    const start = end + 1;
    if (text.slice(start, start + tagLength) !== toTag24(crc24(text, at))) continue;
    return { shortLength: at, payloadStart: start, payloadLength: Number.parseInt(text.slice(digits, end), 36) };
  }
  return null;
}

function readPayload(text: string, { payloadStart, payloadLength }: Parts): SignatureInId | null {
  const end = payloadStart + payloadLength;
  if (payloadLength <= headLength || text.length !== end + 1 + checksumLength || text.charAt(end) !== "_") return null;
  if (!/^[\w-]+$/.test(text) || text.slice(end + 1) !== toHex24(crc24(text, end))) return null;
  const family = text.slice(payloadStart + tagLength, payloadStart + 2 * tagLength);
  const issuer = text.slice(payloadStart + 2 * tagLength, payloadStart + headLength);
  const signature = fromBody(text.slice(payloadStart + headLength, end));
  return signature === null || signature === "" ? null : { signature, family, issuer };
}

/** Forms: `0` to `2` standard alphabet with so many `=`, `3` to `5` the same of the URL alphabet, `6` any other text. */
function toBody(signature: string): string {
  let end = signature.length;
  while (end > 0 && end > signature.length - 2 && signature.charCodeAt(end - 1) === 0x3d) end--;
  const found = kindsIn(signature, end);
  if (found < 8 && found !== 6 && found !== 7) {
    const plain = (found & 2) === 0 ? signature.slice(0, end) : toUrlAlphabet(signature);
    return `${signature.length - end + (found & 4 ? 3 : 0)}${plain}`;
  }
  // Code units, since UTF-8 has none for half a character. Google sends nothing like this.
  const bytes = new Uint8Array(signature.length * 2);
  for (let index = 0; index < signature.length; index++) {
    const unit = signature.charCodeAt(index);
    bytes[2 * index] = unit >>> 8;
    bytes[2 * index + 1] = unit & 0xff;
  }
  return `6${encodeBase64Url(bytes)}`;
}

function fromBody(body: string): string | null {
  const form = body.charCodeAt(0) - 0x30;
  const plain = body.slice(1);
  if (form >= 0 && form < 3) return toStandardAlphabet(plain) + "=".repeat(form);
  if (form >= 3 && form < 6) return plain + "=".repeat(form - 3);
  const bytes = form === 6 ? decodeBase64Url(plain) : null;
  if (bytes === null || bytes.length % 2 === 1) return null;
  let text = "";
  for (let index = 0; index < bytes.length; index += 2)
    text += String.fromCharCode(((bytes[index] ?? 0) << 8) | (bytes[index + 1] ?? 0));
  return text;
}

/** Kinds of characters before an offset, added up: in a loop, since two regular expressions take four times as long. */
function kindsIn(text: string, end: number): number {
  let found = 0;
  for (let index = 0; index < end; index++) found |= kinds[text.charCodeAt(index)] ?? 8;
  return found;
}

function isBase36(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || (code >= 0x61 && code <= 0x7a);
}
