/**
 * Returns a function that checks whether a password is among the 18,000 most common ones of sufficient
 * length, ignoring case. The list is from zxcvbn-ts (https://github.com/zxcvbn-ts/zxcvbn), which counted
 * published leaks. It is loaded on first use.
 *
 * @param shortest minimum length of a password, in characters
 */
export function makeCommonPasswords(shortest: number): (password: string) => Promise<boolean> {
  let known: Promise<ReadonlySet<string>> | null = null;
  const read = async (): Promise<ReadonlySet<string>> => {
    const { dictionary } = await import("@zxcvbn-ts/language-common");
    return new Set(dictionary["passwords-common"].filter(({ length }) => length >= shortest));
  };
  return async (password) => (await (known ??= read())).has(password.toLowerCase());
}
