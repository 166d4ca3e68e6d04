import type { FieldMap, InputFieldMap, InputShapeFromFields, MaybePromise } from "@pothos/core";
import { InvalidInputError, NotAuthenticatedError } from "../kernel/errors.ts";
import type { Viewer } from "../kernel/viewer.ts";
import { builder, type BuilderTypes } from "./builder.ts";
import type { Context } from "./context.ts";
import type { ErrorClass } from "./errors.ts";
import type { Services } from "./services.ts";
import { requireViewer } from "./viewer.ts";

/** Defines the fields of an input. */
export type InputFields = PothosSchemaTypes.InputFieldBuilder<BuilderTypes, "InputObject">;

/** Defines the fields of a payload that the resolver returns as a `Payload`. */
export type PayloadFields<Payload> = PothosSchemaTypes.ObjectFieldBuilder<BuilderTypes, Payload>;

export interface MutationRequest<Input, IsPublic extends boolean = false> {
  input: Input;
  /** Null only in a public mutation without a session. */
  viewer: IsPublic extends true ? Viewer | null : Viewer;
  services: Services;
  context: Context;
}

export interface MutationOptions<
  Fields extends InputFieldMap,
  Payload extends object,
  IsPublic extends boolean,
> {
  /** `sendMessage` has the types `SendMessageInput`, `SendMessagePayload` and `SendMessageResult`. */
  name: string;
  description: string;
  /** The fields of the argument `input`. A mutation without `input` takes no argument. */
  input?: { description: string; fields: (t: InputFields) => Fields };
  payload: { description: string; fields: (t: PayloadFields<Payload>) => FieldMap };
  /**
   * The expected errors. A mutation that needs a session also has `NotAuthenticatedError`, and one with an
   * input `InvalidInputError`.
   */
  errors?: readonly ErrorClass[];
  /** Whether the mutation needs no session. Default: false. */
  isPublic?: IsPublic;
  /** Whether the input can be invalid. Default: true. */
  hasInvalidInput?: boolean;
  resolve: (
    request: MutationRequest<InputShapeFromFields<Fields>, IsPublic>,
  ) => MaybePromise<Payload>;
}

/**
 * Defines a mutation with its input, its payload and the union of its results. Rejects a request without
 * a session unless the mutation is public.
 */
export function mutation<
  Fields extends InputFieldMap,
  Payload extends object,
  IsPublic extends boolean = false,
>(options: MutationOptions<Fields, Payload, IsPublic>): void {
  const { name, description, input } = options;
  const typeName = name.slice(0, 1).toUpperCase() + name.slice(1);
  const inputType =
    input &&
    builder.inputType(`${typeName}Input`, {
      description: input.description,
      fields: (t): InputFieldMap => input.fields(t),
    });
  builder.mutationField(name, (t) =>
    t.field({
      type: payloadType(`${typeName}Payload`, options.payload),
      args: inputType && {
        input: t.arg({ type: inputType, required: true, description: `Input of \`${name}\`.` }),
      },
      errors: {
        types: errorsOf(options),
        union: { name: `${typeName}Result`, description: `Result of \`${name}\`.` },
      },
      description,
      resolve: (_parent, args, context) =>
        options.resolve({
          input: args.input as InputShapeFromFields<Fields>,
          viewer: (options.isPublic === true
            ? context.viewer
            : requireViewer(context.viewer)) as Viewer,
          services: context.services,
          context,
        }),
    }),
  );
}

function payloadType<Payload extends object>(
  name: string,
  { description, fields }: MutationOptions<InputFieldMap, Payload, boolean>["payload"],
) {
  return builder.objectRef<object>(name).implement({
    description,
    // The resolver of the mutation returns the only objects of this type.
    fields: (t) => fields(t as unknown as PayloadFields<Payload>),
  });
}

function errorsOf({
  errors = [],
  input,
  isPublic = false,
  hasInvalidInput = input !== undefined,
}: Pick<
  MutationOptions<InputFieldMap, object, boolean>,
  "errors" | "input" | "isPublic" | "hasInvalidInput"
>): (new (...parameters: unknown[]) => unknown)[] {
  const common = [
    ...(isPublic ? [] : [NotAuthenticatedError]),
    ...(hasInvalidInput ? [InvalidInputError] : []),
  ];
  return [...common, ...errors] as (new (...parameters: unknown[]) => unknown)[];
}
