import { describe, expect, it } from "vitest";
import { deviceName } from "../../web/src/auth/device.ts";
import { AVATAR_COLOURS, avatarColour, initials } from "../../web/src/design/avatar-colour.ts";
import { dayName, shortTime, timeAgo } from "../../web/src/design/time.ts";
import { findPlaces } from "../../web/src/app/switcher.ts";
import { windowTitle } from "../../web/src/app/title.ts";

describe("windowTitle", () => {
  it.each([
    [undefined, 0, "Parley"],
    ["Garden", 0, "Garden · Parley"],
    ["Garden", 3, "(3) Garden · Parley"],
    [undefined, 100, "(99+) Parley"],
  ])("of %s with %i unread", (page, unread, title) => {
    expect(windowTitle(page, unread)).toBe(title);
  });
});

describe("times", () => {
  const now = new Date(2026, 2, 7, 12).getTime();
  const hours = (count: number): string => new Date(now - count * 3_600_000).toISOString();

  it("names days as people do", () => {
    expect(dayName(hours(11), now)).toBe("Today");
    expect(dayName(hours(13), now)).toBe("Yesterday");
    expect(dayName(hours(37), now)).toMatch(/Thursday/u);
    expect(dayName(hours(24 * 200), now)).toMatch(/2025/u);
  });

  it("writes a time as short as its age allows", () => {
    expect(shortTime(hours(1), now)).toMatch(/11.00/u);
    expect(shortTime(hours(24 * 3), now)).toBe("Wed");
    expect(shortTime(hours(24 * 30), now)).toMatch(/Feb/u);
  });

  it("tells how long ago something was", () => {
    expect(timeAgo(new Date(now).toISOString(), now)).toBe("just now");
    expect(timeAgo(hours(1 / 60), now)).toBe("1 minute ago");
    expect(timeAgo(hours(5), now)).toBe("5 hours ago");
    expect(timeAgo(hours(49), now)).toBe("2 days ago");
  });
});

describe("avatars", () => {
  it("gives the same colour to the same name, and uses all colours", () => {
    expect(avatarColour("ada")).toBe(avatarColour("ada"));
    const used = new Set(Array.from({ length: 200 }, (_, index) => avatarColour(`user${index}`)));
    expect([...used].sort()).toEqual(Array.from({ length: AVATAR_COLOURS }, (_, index) => index));
  });

  it.each([
    ["Ada Byron", "AB"],
    ["ada", "A"],
    ["ada.king-byron", "AB"],
    ["  ", "?"],
    ["🌱 sprout", "🌱S"],
  ])("takes the initials of %s", (name, letters) => {
    expect(initials(name)).toBe(letters);
  });
});

describe("deviceName", () => {
  it.each([
    ["Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"],
    [
      "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0",
      "Edge on Windows",
    ],
    [
      "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Mobile Safari/604.1",
      "Safari on iPhone",
    ],
    ["curl/8", "Web browser"],
  ])("reads %s", (userAgent, name) => {
    expect(deviceName(userAgent)).toBe(name);
  });
});

describe("findPlaces", () => {
  const place = (name: string, topic: string | null = null) => ({ id: name, name, topic });
  const places = [
    place("Kitchen", "garden herbs"),
    place("The Garden"),
    place("Gardening"),
    place("Zen-garden"),
    place("Vineyard"),
  ];

  it("puts beginnings first, then words, then topics, and keeps the order of equals", () => {
    expect(findPlaces(places, " GARDEN ").map((found) => found.name)).toEqual([
      "Gardening",
      "The Garden",
      "Zen-garden",
      "Kitchen",
    ]);
  });

  it("finds the inside of a word, everything for nothing, and nothing for nonsense", () => {
    expect(findPlaces(places, "yard").map((found) => found.name)).toEqual(["Vineyard"]);
    expect(findPlaces(places, " ")).toEqual(places);
    expect(findPlaces(places, "xyz")).toEqual([]);
  });
});
