/**
 * Whether a password is among the some 18,000 commonest that are long enough to be taken at all, in
 * whatever case: those of the list that zxcvbn-ts keeps (https://github.com/zxcvbn-ts/zxcvbn), which
 * counted them in published leaks. It is read when it is asked for the first time.
 *
 * @param shortest length that a password has at least, in characters
 */
export function makeCommonPasswords(shortest: number): (password: string) => Promise<boolean> {
  let known: Promise<ReadonlySet<string>> | null = null;
  const read = async (): Promise<ReadonlySet<string>> => {
    const { dictionary } = await import("@zxcvbn-ts/language-common");
    return new Set(dictionary["passwords-common"].filter(({ length }) => length >= shortest));
  };
  return async (password) => (await (known ??= read())).has(password.toLowerCase());
}
