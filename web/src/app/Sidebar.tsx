import { A } from "@solidjs/router";
import type { JSX } from "solid-js";
import { Banner } from "../connection/Banner.tsx";
import { Brand } from "../design/Brand.tsx";
import { IconButton } from "../design/Button.tsx";
import { Icon } from "../design/Icon.tsx";
import { RoomList } from "../rooms/RoomList.tsx";
import { ProfileMenu } from "./ProfileMenu.tsx";
import { useShell } from "./shell-context.ts";
import styles from "./Sidebar.module.css";

/** The viewer's rooms, the directory link and the profile menu. On phones, the first screen. */
export function Sidebar(): JSX.Element {
  const shell = useShell();
  return (
    <aside class={styles.sidebar} aria-label="Rooms and profile">
      <div class={styles.top}>
        <A class={styles.brand} href="/" aria-label="Parley home">
          <Brand />
        </A>
        <IconButton icon="search" label="Find a room (Ctrl K)" onClick={() => shell.switchRoom()} />
        <IconButton icon="plus" label="New room" onClick={() => shell.createRoom()} />
      </div>
      <div class={styles.phoneBanner}>
        <Banner />
      </div>
      <RoomList />
      <div class={styles.foot}>
        <A class={styles.browse} href="/rooms" activeClass={styles.browseActive}>
          <Icon name="compass" />
          All rooms
        </A>
        <ProfileMenu />
      </div>
    </aside>
  );
}
