import { A } from "@solidjs/router";
import type { JSX } from "solid-js";
import { Empty } from "../design/Empty.tsx";
import { PageHeader } from "./PageHeader.tsx";
import { usePageTitle } from "./page-title.tsx";

export function NotFound(): JSX.Element {
  usePageTitle(() => "Not found");
  return (
    <>
      <PageHeader title="Not found" />
      <Empty title="This page doesn't exist" text="Check the address, or find a room to join.">
        <A href="/rooms">Browse all rooms</A>
      </Empty>
    </>
  );
}
