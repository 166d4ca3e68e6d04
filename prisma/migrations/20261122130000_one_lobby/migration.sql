-- There is one lobby, and whoever signs up finds it without reading all rooms.
CREATE UNIQUE INDEX "Room_isLobby_key" ON "Room" ("isLobby") WHERE "isLobby";
