// Standard Schema v1 (https://standardschema.dev), as far as it is used here: what zod, valibot, arktype and others offer
// under "~standard". Written down rather than imported, so that the package needs no other.

export interface StandardSchema<Input = unknown, Output = Input> {
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>;
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
  };
}

export type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] };

export interface StandardIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** "results.0.detail", or "" for the whole. */
export function pathText(issue: StandardIssue): string {
  return (issue.path ?? []).map((step) => String(typeof step === "object" ? step.key : step)).join(".");
}
