/**
 * The complete files: `<id>.bytes` with `<id>.json` beside it. The oldest make room; what a crash left half done is deleted
 * at the next start.
 * @module
 */
import { readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { FilePlace } from "../../../call/reupload/types.ts";
import type { DiskWork } from "./disk-work.ts";
import { mostPlaces, parseSidecar, type StoredFile } from "./sidecar.ts";

/** A file on the shelf. */
export interface ShelvedFile {
  /** Of its files on disk: 32 hexadecimal digits. */
  id: string;
  stored: StoredFile;
}

/** All of them, by the name that the client knows. */
export interface Shelf {
  get(name: string): ShelvedFile | null;
  /** Its bytes must be in place. A file of the same name goes. */
  add(file: ShelvedFile): void;
  /** A file or a copy; others are ignored. */
  remove(name: string): void;
  addPlace(name: string, place: FilePlace): void;
  /** Takes the oldest away. @returns false when there is none */
  evict(): boolean;
  names(): string[];
  /** Bytes of all of them. */
  bytes(): number;
}

/** @param ids of files on disk: where their bytes are, and what is known of them */
export function pathsIn(directory: string): (id: string, kind: "part" | "bytes" | "json") => string {
  return (id, kind) => join(directory, `${id}.${kind}`);
}

/**
 * Opens the shelf.
 * @throws when the directory cannot be read
 */
export async function openShelf(options: {
  directory: string;
  maxFiles: number;
  maxBytes: number;
  disk: DiskWork;
}): Promise<Shelf> {
  const { directory, disk, maxFiles, maxBytes } = options;
  const pathOf = pathsIn(directory);
  /** By name, the oldest first. */
  const entries = new Map<string, Entry>();
  /** Name of a copy: name of the file. */
  const copies = new Map<string, string>();
  let bytes = 0;

  function put(file: ShelvedFile): Entry {
    const { name, places } = file.stored;
    drop(name);
    const entry = { ...file, saved: Promise.resolve() };
    entries.set(name, entry);
    bytes += file.stored.bytes;
    for (const place of places) if (place.name !== name) copies.set(place.name, name);
    while (entries.size > maxFiles) evict();
    return entry;
  }

  function drop(name: string): void {
    const entry = entries.get(name);
    if (entry === undefined) return;
    entries.delete(name);
    bytes -= entry.stored.bytes;
    for (const place of entry.stored.places) copies.delete(place.name);
    disk.run(async () => {
      await entry.saved.catch(() => undefined);
      // First what makes it found: bytes alone are deleted at the next start.
      await rm(pathOf(entry.id, "json"), { force: true });
      await rm(pathOf(entry.id, "bytes"), { force: true });
    });
  }

  function evict(): boolean {
    const oldest = entries.keys().next();
    if (oldest.done === true) return false;
    drop(oldest.value);
    return true;
  }

  function setPlaces(entry: Entry, places: readonly FilePlace[]): void {
    const { name } = entry.stored;
    for (const place of entry.stored.places) copies.delete(place.name);
    entry.stored = { ...entry.stored, places };
    for (const place of places) if (place.name !== name) copies.set(place.name, name);
    save(entry);
  }

  function save(entry: Entry): void {
    entry.saved = entry.saved
      .catch(() => undefined)
      .then(async () => {
        if (entries.get(entry.stored.name) !== entry) return;
        const path = pathOf(entry.id, "json");
        await writeFile(`${path}.new`, JSON.stringify(entry.stored), { mode: 0o600 });
        await rename(`${path}.new`, path);
      });
    disk.run(() => entry.saved);
  }

  async function restore(): Promise<void> {
    const found = new Set(await readdir(directory));
    const kept: ShelvedFile[] = [];
    for (const file of found) {
      const id = /^([0-9a-f]{32})\.json$/.exec(file)?.[1];
      if (id === undefined) continue;
      const stored = parseSidecar(await readFile(pathOf(id, "json"), "utf8"));
      const size = found.has(`${id}.bytes`) ? (await stat(pathOf(id, "bytes"))).size : -1;
      if (stored === null || stored.bytes !== size) continue;
      found.delete(file);
      found.delete(`${id}.bytes`);
      kept.push({ id, stored });
    }
    for (const file of found)
      if (/^[0-9a-f]{32}\.(?:part|bytes|json|json\.new)$/.test(file)) await rm(join(directory, file), { force: true });
    kept.sort((left, right) => left.stored.createdAt - right.stored.createdAt);
    for (const file of kept) put(file);
    while (bytes > maxBytes && evict());
  }

  await restore();
  return {
    get: (name) => entries.get(name) ?? null,
    add: (file) => save(put(file)),
    remove(name) {
      const entry = entries.get(copies.get(name) ?? "");
      if (entry === undefined) drop(name);
      else
        setPlaces(
          entry,
          entry.stored.places.filter((place) => place.name !== name),
        );
    },
    addPlace(name, place) {
      const entry = entries.get(name);
      if (entry === undefined) return;
      // A copy in the same project is replaced: it is not there any more, or nobody would have made another.
      const others = entry.stored.places.filter((one) => one.name === name || one.projectId !== place.projectId);
      if (others.length < mostPlaces) setPlaces(entry, [...others, place]);
    },
    evict,
    names: () => [...entries.keys()],
    bytes: () => bytes,
  };
}

// --- helpers ---

interface Entry extends ShelvedFile {
  /** The last write of its sidecar. */
  saved: Promise<void>;
}
