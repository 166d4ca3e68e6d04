import { describe, expect, it } from "vitest";
import { deviceName } from "../../web/src/auth/device.ts";
import { AVATAR_COLOURS, avatarColour, initials } from "../../web/src/design/avatar-colour.ts";
import { dayName, shortTime, timeAgo } from "../../web/src/design/time.ts";
import { searchRooms } from "../../web/src/app/room-search.ts";
import { windowTitle } from "../../web/src/app/window-title.ts";

describe("windowTitle", () => {
  it.each([
    [undefined, 0, "Parley"],
    ["Garden", 0, "Garden · Parley"],
    ["Garden", 3, "(3) Garden · Parley"],
    [undefined, 100, "(99+) Parley"],
  ])("shows page %s and %i unread messages", (page, unread, title) => {
    expect(windowTitle(page, unread)).toBe(title);
  });
});

describe("times", () => {
  const now = new Date(2026, 2, 7, 12).getTime();
  const hours = (count: number): string => new Date(now - count * 3_600_000).toISOString();

  it("names today and yesterday, then weekday and date", () => {
    expect(dayName(hours(11), now)).toBe("Today");
    expect(dayName(hours(13), now)).toBe("Yesterday");
    expect(dayName(hours(37), now)).toMatch(/Thursday/u);
    expect(dayName(hours(24 * 200), now)).toMatch(/2025/u);
  });

  it("shows the time today, the weekday this week, then the date", () => {
    expect(shortTime(hours(1), now)).toMatch(/11.00/u);
    expect(shortTime(hours(24 * 3), now)).toBe("Wed");
    expect(shortTime(hours(24 * 30), now)).toMatch(/Feb/u);
  });

  it("formats relative times", () => {
    expect(timeAgo(new Date(now).toISOString(), now)).toBe("just now");
    expect(timeAgo(hours(1 / 60), now)).toBe("1 minute ago");
    expect(timeAgo(hours(5), now)).toBe("5 hours ago");
    expect(timeAgo(hours(49), now)).toBe("2 days ago");
  });
});

describe("avatars", () => {
  it("gives equal ids equal colours and uses all colours", () => {
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
  ])("recognises %s", (userAgent, name) => {
    expect(deviceName(userAgent)).toBe(name);
  });
});

describe("searchRooms", () => {
  const place = (name: string, topic: string | null = null) => ({ id: name, name, topic });
  const places = [
    place("Kitchen", "garden herbs"),
    place("The Garden"),
    place("Gardening"),
    place("Zen-garden"),
    place("Vineyard"),
  ];

  it("ranks name starts, then word starts, then topics, and keeps ties in order", () => {
    expect(searchRooms(places, " GARDEN ").map((found) => found.name)).toEqual([
      "Gardening",
      "The Garden",
      "Zen-garden",
      "Kitchen",
    ]);
  });

  it("finds text inside words, returns all rooms for an empty query and none without a match", () => {
    expect(searchRooms(places, "yard").map((found) => found.name)).toEqual(["Vineyard"]);
    expect(searchRooms(places, " ")).toEqual(places);
    expect(searchRooms(places, "xyz")).toEqual([]);
  });
});
