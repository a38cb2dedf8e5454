// The TypeScript type of what a JSON Schema lets pass, as far as types can say it. What they cannot say is `unknown`, and the
// check at run time still holds.

type TypeOfName = {
  string: string;
  number: number;
  integer: number;
  boolean: boolean;
  null: null;
  object: { readonly [name: string]: unknown };
  array: readonly unknown[];
};

/** The data that a JSON Schema describes. Knows const, enum, type, properties, required, items, anyOf and oneOf. */
export type DataOfJsonSchema<Schema> = Schema extends { readonly const: infer Value }
  ? Value
  : Schema extends { readonly enum: readonly (infer Value)[] }
    ? Value
    : Schema extends { readonly anyOf: readonly (infer Each)[] } | { readonly oneOf: readonly (infer Each)[] }
      ? DataOfJsonSchema<Each>
      : Schema extends { readonly properties: infer Properties }
        ? ObjectOf<Properties, RequiredNames<Schema>>
        : Schema extends { readonly items: infer Items }
          ? readonly DataOfJsonSchema<Items>[]
          : Schema extends { readonly type: infer Name }
            ? NamedType<Name>
            : unknown;

type NamedType<Name> = Name extends keyof TypeOfName
  ? TypeOfName[Name]
  : Name extends readonly (infer Each)[]
    ? NamedType<Each>
    : unknown;

type RequiredNames<Schema> = Schema extends { readonly required: readonly (infer Name extends PropertyKey)[] }
  ? Name
  : never;

type ObjectOf<Properties, Required extends PropertyKey> = Flat<
  { readonly [Name in keyof Properties & Required]: DataOfJsonSchema<Properties[Name]> } & {
    readonly [Name in Exclude<keyof Properties, Required>]?: DataOfJsonSchema<Properties[Name]>;
  }
>;

/** One object instead of an intersection, which the compiler would take apart again at every use. */
type Flat<Parts> = { readonly [Name in keyof Parts]: Parts[Name] };
