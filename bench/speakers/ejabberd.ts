import { randomUUID } from "node:crypto";
import { openSocket } from "./open-socket.ts";
import type { OnDelivery, Speaker } from "./speaker.ts";

// XMPP over WebSocket (RFC 7395), where each frame is one stanza, and XEP-0045 for rooms.
const DOMAIN = "localhost";
const OPEN = `<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" to="${DOMAIN}" version="1.0"/>`;
const AUTHENTICATE = `<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="ANONYMOUS"/>`;
const BIND = `<iq type="set" id="bind"><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"/></iq>`;
const MESSAGE = "<message";
const BODY = "<body>";

/** Connects an anonymous user to ejabberd. A message counts as acknowledged when the room sends it back. */
export async function ejabberdSpeaker(
  url: string,
  room: string,
  onDelivery: OnDelivery,
): Promise<Speaker> {
  const socket = await openSocket(`${url}/ws`, "xmpp");
  const nick = randomUUID();
  const to = `${room}@conference.${DOMAIN}`;
  const own = `${to}/${nick}`;
  const waiting = new Map<string, () => void>();
  await new Promise<void>((joined) => {
    let isIn = false;
    socket.onMessage = (stanza) => {
      if (stanza.startsWith(MESSAGE)) {
        if (!stanza.includes(BODY)) return;
        onDelivery(0, stanza);
        if (!stanza.includes(own)) return;
        const id = /\bid=['"]([^'"]+)['"]/.exec(stanza.slice(0, stanza.indexOf(">")));
        const resolve = waiting.get(id?.[1] ?? "");
        waiting.delete(id?.[1] ?? "");
        resolve?.();
        return;
      }
      if (isIn) return;
      if (stanza.includes("<mechanisms")) socket.send(AUTHENTICATE);
      else if (stanza.startsWith("<success")) socket.send(OPEN);
      else if (stanza.includes("xmpp-bind") && stanza.includes("features")) socket.send(BIND);
      else if (/id=['"]bind['"]/.test(stanza)) {
        const muc = `<x xmlns="http://jabber.org/protocol/muc"><history maxstanzas="0"/></x>`;
        socket.send(`<presence to="${to}/${nick}">${muc}</presence>`);
      } else if (/<status code=['"]110['"]/.test(stanza)) {
        isIn = true;
        joined();
      } else if (
        /^<(?:failure|stream:error|close)/.test(stanza) ||
        /type=['"]error['"]/.test(stanza)
      )
        throw new Error(stanza);
    };
    socket.send(OPEN);
  });
  return {
    send: (body) =>
      new Promise((resolve) => {
        const id = randomUUID();
        waiting.set(id, resolve);
        socket.send(
          `<message to="${to}" type="groupchat" id="${id}"><body>${body}</body></message>`,
        );
      }),
    close: () => {
      socket.close();
    },
  };
}
