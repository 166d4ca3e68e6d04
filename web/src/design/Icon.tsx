import type { JSX } from "solid-js";

/** Icons as paths on a 20 × 20 grid, with a stroke width of 1.6. */
const PATHS = {
  alert:
    "M10 6.5v4m0 3v.01M8.700 3.300 2.300 14.400A1.500 1.500 0 0 0 3.600 16.700h12.800a1.500 1.500 0 0 0 1.300-2.300L11.300 3.300a1.500 1.500 0 0 0-2.600 0Z",
  back: "M12.500 4.500 7 10l5.500 5.500",
  check: "m4.500 10.500 3.500 3.500 7.500-8",
  clock: "M10 6v4l2.500 1.700M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14Z",
  close: "m5 5 10 10M15 5 5 15",
  compass:
    "M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14Zm2.800-9.800-1.500 4.100-4.100 1.500 1.500-4.100 4.100-1.500Z",
  device: "M3.500 4.500h13v8.500h-13zM7.500 16.500h5M10 13v3.500",
  down: "M10 4v11.500m-5-5 5 5 5-5",
  eye: "M2 10s2.800-5.500 8-5.500S18 10 18 10s-2.800 5.500-8 5.500S2 10 2 10Zm8 2.300a2.300 2.300 0 1 0 0-4.600 2.300 2.300 0 0 0 0 4.600Z",
  eyeOff:
    "M3 3l14 14M8.300 4.700A8 8 0 0 1 10 4.500c5.200 0 8 5.500 8 5.500a13 13 0 0 1-2.300 3M5.200 6A12.600 12.600 0 0 0 2 10s2.800 5.500 8 5.500c1.700 0 3.100-.6 4.300-1.300M8.400 8.400a2.300 2.300 0 0 0 3.200 3.200",
  file: "M11.500 2.500H6A1.500 1.500 0 0 0 4.500 4v12A1.500 1.500 0 0 0 6 17.500h8a1.500 1.500 0 0 0 1.500-1.500V6.500Zm0 0v4h4",
  leave:
    "M8 17H4.500A1.500 1.500 0 0 1 3 15.500v-11A1.500 1.500 0 0 1 4.500 3H8m5 10.500L16.500 10 13 6.500M16.500 10h-9",
  moon: "M17 11.400A7.200 7.200 0 0 1 8.600 3a7.200 7.200 0 1 0 8.400 8.400Z",
  more: "M4.500 10h.01M10 10h.01M15.500 10h.01",
  people:
    "M7.500 9.500a3 3 0 1 0 0-6 3 3 0 0 0 0 6Zm-5.500 7c0-2.600 2.200-4.500 5.500-4.500s5.500 1.900 5.500 4.500M13.500 3.900a3 3 0 0 1 0 5.300M15.300 12.400c1.700.700 2.700 2.200 2.700 4.100",
  plus: "M10 4v12M4 10h12",
  retry:
    "M16 6v3.500h-3.500M4 14v-3.500h3.500M15.200 9A5.500 5.500 0 0 0 5.400 7.300M4.800 11a5.500 5.500 0 0 0 9.800 1.700",
  search: "M9 15A6 6 0 1 0 9 3a6 6 0 0 0 0 12Zm8 2-3.700-3.700",
  send: "M10 16V4.500m-5 5 5-5 5 5",
  sun: "M10 13.300a3.300 3.300 0 1 0 0-6.600 3.300 3.300 0 0 0 0 6.600ZM10 2v1.500M10 16.500V18M2 10h1.500M16.500 10H18M4.300 4.300l1.100 1.100M14.600 14.600l1.100 1.100M15.700 4.300l-1.100 1.100M5.400 14.600l-1.100 1.100",
} as const;

export type IconName = keyof typeof PATHS;

export interface IconProps {
  name: IconName;
  /** In pixels. Default: 20. */
  size?: number;
  class?: string;
}

/** An outline icon in the text colour. Decorative: its container carries the accessible name. */
export function Icon(props: IconProps): JSX.Element {
  return (
    <svg
      class={props.class}
      width={props.size ?? 20}
      height={props.size ?? 20}
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      stroke-width={props.name === "more" ? 2.4 : 1.6}
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      <path d={PATHS[props.name]} />
    </svg>
  );
}
