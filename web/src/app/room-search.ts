export interface SearchableRoom {
  id: string;
  name: string;
  topic: string | null;
}

/**
 * Sorts rooms by how well they match: start of the name, start of a word in it, anywhere in it,
 * then the topic. Equal matches keep their order.
 *
 * @param rooms all rooms, in the order to show for an empty query
 * @param query the query; case and surrounding spaces are ignored
 */
export function searchRooms<T extends SearchableRoom>(rooms: readonly T[], query: string): T[] {
  const wanted = query.trim().toLocaleLowerCase();
  if (wanted === "") return [...rooms];
  return rooms
    .map((room) => ({ room, rank: rankOf(room, wanted) }))
    .filter((found) => found.rank < NO_MATCH)
    .sort((a, b) => a.rank - b.rank)
    .map((found) => found.room);
}

const NO_MATCH = 4;

function rankOf(room: SearchableRoom, wanted: string): number {
  const name = room.name.toLocaleLowerCase();
  if (name.startsWith(wanted)) return 0;
  if (name.split(/[\s._-]+/u).some((word) => word.startsWith(wanted))) return 1;
  if (name.includes(wanted)) return 2;
  return room.topic?.toLocaleLowerCase().includes(wanted) ? 3 : NO_MATCH;
}
