import { A } from "@solidjs/router";
import type { JSX } from "solid-js";
import { Empty } from "../design/Empty.tsx";
import { PageHeader } from "./PageHeader.tsx";
import { usePageTitle } from "./page-title.tsx";

/** An address that leads nowhere. */
export function NotFound(): JSX.Element {
  usePageTitle(() => "Not found");
  return (
    <>
      <PageHeader title="Not found" />
      <Empty title="There is nothing here" text="The address leads nowhere.">
        <A href="/rooms">Browse all rooms</A>
      </Empty>
    </>
  );
}
