/**
 * Which models take each other's signatures (fact sheet translation 5.1).
 * @module
 */

/**
 * The family of a model: one that reads the other's signatures. Names that only differ in the state of a model's release
 * (`-preview…`, `-latest`, `-001`) are one family, all others are not: a signature that is dropped costs some of the model's
 * reasoning, one that is refused costs the call.
 * @param model with or without `models/`
 */
export function modelFamily(model: string): string {
  const name = model.slice(model.lastIndexOf("/") + 1).toLowerCase();
  const release = name.search(/-(?:preview|exp|latest)(?:-|$)/);
  return (release < 0 ? name : name.slice(0, release)).replace(/-\d{3}$/, "");
}
