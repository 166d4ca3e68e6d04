import type { Crowd } from "../people.ts";
import { bareSpeaker } from "./bare.ts";
import { ejabberdSpeaker } from "./ejabberd.ts";
import { graphqlSpeaker, parleyDialect, yogaDialect } from "./graphql.ts";
import { socketIoSpeaker } from "./socket-io.ts";
import type { OnDelivery, Speaker } from "./speaker.ts";

/** The protocols of the programs. */
export type Language = "parley" | "socket-io" | "yoga" | "bare-ws" | "ejabberd";

/** Whether the messages of a room are numbered without gaps, so that order can be checked. */
export const isNumbered = (language: Language): boolean =>
  language === "parley" || language === "bare-ws";

/** Opens the connection of one user, who listens to their room. */
export function connect(
  language: Language,
  url: string,
  crowd: Crowd,
  index: number,
  onDelivery: OnDelivery,
): Promise<Speaker> {
  const room = crowd.rooms[index] ?? "";
  switch (language) {
    case "bare-ws":
      return bareSpeaker(url, room, onDelivery);
    case "ejabberd":
      return ejabberdSpeaker(url, room, onDelivery);
    case "socket-io":
      return socketIoSpeaker(url, room, onDelivery);
    case "yoga":
      return graphqlSpeaker(url, yogaDialect(crowd.userIds[index] ?? "", room), onDelivery);
    case "parley":
      return graphqlSpeaker(url, parleyDialect(crowd.tokens[index] ?? "", room), onDelivery);
  }
}
