import type { JSX } from "solid-js";
import { Brand } from "../design/Brand.tsx";
import type { ServerFacts } from "../session/session.ts";
import { AuthForm } from "./AuthForm.tsx";
import styles from "./AuthPage.module.css";

export interface AuthPageProps {
  server: ServerFacts;
  /** Why the person stands at the door, when it was not their own doing. */
  notice: string | undefined;
}

/** The door: sign up or log in. The address stays, so that afterwards the wanted page appears. */
export function AuthPage(props: AuthPageProps): JSX.Element {
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
      <section class={styles.door}>
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
