import type { TestServer } from "../../kit/server.ts";
import { seedOn, type Actor, type Seed } from "../../kit/seed.ts";
import { DELETE_ACCOUNT } from "../../kit/trust-documents.ts";
import { PASSWORD } from "../../kit/client.ts";

/** People who are whom the tables name: the same in all rooms, so that few passwords are hashed. */
export interface Cast {
  readonly seed: Seed;
  /** Who administers the server and is in no room. */
  readonly administrator: Actor;
  /** Somebody by the name of what they are, such as `moderator`; signed up when first needed. */
  person(name: string): Actor;
  /** Somebody whom nobody else in the story has to do with, signed up for this alone. */
  newcomer(): Actor;
  /** The id of an account that has been deleted. */
  ghostId(): Promise<string>;
}

/** Begins a story on a server without accounts: the first one administers it. */
export async function gather(server: TestServer): Promise<Cast> {
  const seed = seedOn(server);
  const administrator = seed.user("administrator");
  await administrator.signsUp();
  let newcomers = 0;
  let ghost: Promise<string> | undefined;
  const newcomer = (): Actor => seed.user(`newcomer${String((newcomers += 1))}`);
  return {
    seed,
    administrator,
    person: (name) => seed.user(name),
    newcomer,
    ghostId: () =>
      (ghost ??= (async () => {
        const person = newcomer();
        const { user } = await person.signsUp();
        await person.mutate(DELETE_ACCOUNT, { input: { password: PASSWORD } });
        return user.id;
      })()),
  };
}

/** The global id of a person. */
export async function idOf(person: Actor): Promise<string> {
  return (await person.signsUp()).user.id;
}
