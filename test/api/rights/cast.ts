import type { TestServer } from "../../kit/server.ts";
import { seedOn, type Actor, type Seed } from "../../kit/seed.ts";
import { DELETE_ACCOUNT } from "../../kit/trust-documents.ts";
import { PASSWORD } from "../../kit/client.ts";

/** The users named in the tables: the same in all rooms, so that few passwords are hashed. */
export interface Cast {
  readonly seed: Seed;
  /** The administrator of the server, a member of no room. */
  readonly administrator: Actor;
  /** The user of a role name, such as `moderator`; signed up on first use. */
  person(name: string): Actor;
  /** Signs up a user who appears nowhere else. */
  newcomer(): Actor;
  /** Id of a deleted account. */
  ghostId(): Promise<string>;
}

/** Creates a cast on a server without accounts: the first one administers it. */
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

/** Returns the global id of a user. */
export async function idOf(person: Actor): Promise<string> {
  return (await person.signsUp()).user.id;
}
