/** @module Types of the fields in the message tables. */

/** Type of a field. A string names a scalar, or a message. `google.protobuf.Value` and friends are `any`; `struct` is an object of any. */
export type FieldType = string | { list: string } | { map: string } | { values: readonly string[]; name: string };

/** Messages: name -> snake_case field -> type. */
export type MessageTable = Readonly<Record<string, Readonly<Record<string, FieldType>>>>;
