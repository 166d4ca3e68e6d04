import type { JSX } from "solid-js";
import { Brand } from "../design/Brand.tsx";
import type { ServerInfo } from "../session/session.ts";
import { AuthForm } from "./AuthForm.tsx";
import styles from "./SignedOut.module.css";

export interface SignedOutProps {
  server: ServerInfo;
  /** Why the user was signed out, if they did not do it themselves. */
  notice: string | undefined;
}

/**
 * The signed-out page: sign up or log in. The URL stays, so the requested page opens afterwards.
 */
export function SignedOut(props: SignedOutProps): JSX.Element {
  return (
    <main class={styles.page}>
      <section class={styles.welcome} aria-hidden="true">
        <p class={styles.motto}>A quiet place to talk things over.</p>
        <div class={styles.scene}>
          <span class={styles.voice}>Shall we meet halfway?</span>
          <span class={styles.voice}>Gladly. Bring everyone.</span>
          <span class={styles.voice}>The kettle is on.</span>
        </div>
        <p class={styles.note}>Your server, your rooms, your words.</p>
      </section>
      <section class={styles.form}>
        <div class={styles.card}>
          <div class={styles.brand}>
            <Brand />
          </div>
          <AuthForm server={props.server} notice={props.notice} />
        </div>
      </section>
    </main>
  );
}
