const DAY_MS = 86_400_000;

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const WEEKDAY = new Intl.DateTimeFormat(undefined, { weekday: "short" });
const SHORT_DATE = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const LONG_DATE = new Intl.DateTimeFormat(undefined, {
  weekday: "long",
  day: "numeric",
  month: "long",
});
const LONG_DATE_YEAR = new Intl.DateTimeFormat(undefined, {
  day: "numeric",
  month: "long",
  year: "numeric",
});
const FULL = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "short" });

/** "14:05", in the reader's own way of writing it. */
export function clock(at: string): string {
  return CLOCK.format(new Date(at));
}

/** Date and time in full, for those who want to know exactly. */
export function fullTime(at: string): string {
  return FULL.format(new Date(at));
}

/**
 * A day by its name: "Today", "Yesterday", "Monday, 2 March", and with the year when it is another.
 *
 * @param at a time of that day
 * @param now the reader's present, in milliseconds
 */
export function dayName(at: string, now: number): string {
  const date = new Date(at);
  const days = daysBetween(date, new Date(now));
  if (days === 0) return "Today";
  if (days === 1) return "Yesterday";
  const sameYear = date.getFullYear() === new Date(now).getFullYear();
  return (sameYear ? LONG_DATE : LONG_DATE_YEAR).format(date);
}

/**
 * A time in as few letters as a list has room for: the clock today, the weekday this week, else the
 * date.
 */
export function shortTime(at: string, now: number): string {
  const date = new Date(at);
  const days = daysBetween(date, new Date(now));
  if (days <= 0) return CLOCK.format(date);
  if (days < 7) return WEEKDAY.format(date);
  return SHORT_DATE.format(date);
}

/** "just now", "5 minutes ago", "3 days ago": how long ago something was. */
export function timeAgo(at: string, now: number): string {
  const minutes = Math.floor((now - Date.parse(at)) / 60_000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return plural(minutes, "minute");
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return plural(hours, "hour");
  return plural(Math.floor(hours / 24), "day");
}

function plural(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? "" : "s"} ago`;
}

/** Calendar days from one local date to another; daylight saving makes some days 23 hours long. */
function daysBetween(from: Date, to: Date): number {
  const midnight = (date: Date): number =>
    new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
  return Math.round((midnight(to) - midnight(from)) / DAY_MS);
}
