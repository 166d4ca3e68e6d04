import { expect, test } from "vitest";
import { picture } from "../kit/pictures.ts";
import { seedOn } from "../kit/seed.ts";
import { sendsFiles, uploads } from "../kit/uploads.ts";
import { startInProcess } from "../realtime/in-process.ts";
import { countStatements } from "./statements.ts";

const PAGE = /* GraphQL */ `
  query Page($id: ID!) {
    node(id: $id) {
      ... on Conversation {
        messages(last: 50) {
          edges {
            node {
              id
              body
              editedAt
              pinnedAt
              author {
                username
                displayName
                avatar {
                  thumbnailUrl
                }
              }
              attachments {
                name
                url
                picture {
                  preview
                  thumbnail {
                    url
                  }
                }
              }
              threadRootId
              thread {
                replyCount
                lastReplyAt
                lastRepliers {
                  username
                }
              }
              threadRoot {
                body
                thread {
                  replyCount
                }
              }
              mentions {
                user {
                  username
                }
                start
                length
              }
              viewerMentioned
              replyTo {
                body
                author {
                  username
                }
                reactions {
                  emoji
                  viewerReacted
                }
              }
              reactions {
                emoji
                count
                viewerReacted
                users {
                  username
                }
              }
            }
          }
        }
      }
    }
  }
`;

interface Page {
  node: {
    messages: {
      edges: {
        node: {
          attachments: unknown[];
          reactions: unknown[];
          replyTo: object | null;
          thread: object | null;
          mentions: unknown[];
        };
      }[];
    };
  };
}

test("a page of 50 messages with authors, reactions, replies, threads, mentions and files costs at most 8 statements", async () => {
  const statements = countStatements();
  const seed = seedOn(await startInProcess());
  const [ada, bob] = [seed.user("ada"), seed.user("bob")];
  const room = await ada.createsRoom("Busy");
  await bob.joins(room);
  const roots = [await ada.says(room, "asked above"), await bob.says(room, "and this, too")];
  const first = await ada.says(room, "first");
  for (let n = 1; n < 50; n += 1) {
    const said = {
      replyToId: first.id,
      ...(n % 7 === 0 ? { threadRootId: (n < 25 ? roots[0] : first)?.id ?? "" } : {}),
    };
    const text = `message ${n}, @ada`;
    let message: { id: string };
    if (n % 5 === 1) {
      const file = await uploads(ada, `${n}.png`, await picture("png"));
      message = await sendsFiles(ada, room, [file.id], { body: text, ...said });
    } else message = await (n % 2 === 0 ? ada : bob).says(room, text, said);
    if (n % 5 === 0) for (const emoji of ["🎉", "👀"]) await bob.reacts(message, emoji);
  }
  const costs: number[] = [];
  // Background statements of the instance can only add to the count, so the minimum is the cost of the
  // query.
  for (let turn = 0; turn < 5; turn += 1) {
    statements.clear();
    const { node } = await bob.query<Page>(PAGE, { id: room.id });
    costs.push(statements.texts.length);
    expect(node.messages.edges).toHaveLength(50);
    expect(node.messages.edges.filter(({ node: { replyTo } }) => replyTo !== null)).toHaveLength(
      49,
    );
    expect(
      node.messages.edges.filter(({ node: { attachments } }) => attachments.length === 1),
    ).toHaveLength(10);
    expect(
      node.messages.edges.filter(({ node: { mentions } }) => mentions.length > 0),
    ).toHaveLength(49);
    expect(node.messages.edges[0]?.node.thread).toMatchObject({ replyCount: 4 });
    expect(
      node.messages.edges.filter(({ node: { reactions } }) => reactions.length === 2),
    ).toHaveLength(9);
  }
  const least = Math.min(...costs);
  expect(least, statements.texts.join("\n")).toBeGreaterThan(2);
  expect(least, statements.texts.join("\n")).toBeLessThanOrEqual(8);
});
