import type { Clock } from "../../kernel/clock.ts";
import type { Position } from "../../kernel/cursor.ts";
import { InvalidInputError, NotFoundError } from "../../kernel/errors.ts";
import type { Log } from "../../log/log.ts";
import { userChanged } from "./user.events.ts";
import type { UserRecord } from "./user.record.ts";
import type { UploadService } from "../upload/upload.service.ts";
import { displayNameProblems, statusProblems } from "./user.service.ts";
import type { UserStore } from "./user.store.ts";

/** Changes of a user's profile; undefined fields stay. */
export interface ProfileChange {
  displayName?: string | undefined;
  /** Null or empty clears it. */
  statusText?: string | null | undefined;
  /** A complete upload of a picture; null removes the picture. */
  avatarUploadId?: string | null | undefined;
}

export interface ProfileService {
  /** All users receive the event, unless nothing changed. @throws InvalidInputError NotFoundError */
  update(userId: string, change: ProfileChange): Promise<{ user: UserRecord; position: Position }>;
}

export interface ProfileServiceOptions {
  store: UserStore;
  uploads: UploadService;
  log: Log;
  clock: Clock;
}

export function makeProfileService({
  store,
  uploads,
  log,
  clock,
}: ProfileServiceOptions): ProfileService {
  return {
    update: async (userId, change) => {
      const displayName = change.displayName?.trim();
      const statusText = change.statusText?.trim();
      const problems = [
        ...displayNameProblems(displayName ?? ""),
        ...statusProblems(statusText ?? ""),
      ];
      if (displayName === "") {
        const message = "A display name needs a visible character.";
        problems.push({ field: "displayName", code: "REQUIRED", message });
      }
      if (problems.length > 0) throw new InvalidInputError(problems);
      const { avatarUploadId } = change;
      return log.write(async (unit) => {
        // Claiming and releasing a picture require the lock of the log, which is first in the lock order.
        await unit.lockLog();
        const before = await store.lock(unit.tx, userId);
        if (before === null) throw new NotFoundError("person");
        const use = { by: "USER", id: userId } as const;
        if (typeof avatarUploadId === "string" && avatarUploadId !== before.avatarId) {
          await uploads.claimPicture(unit, userId, avatarUploadId, use);
        } else if (avatarUploadId === null) await uploads.releasePicture(unit, use);
        const after: UserRecord = {
          ...before,
          displayName: displayName ?? before.displayName,
          statusText: change.statusText === undefined ? before.statusText : statusText || null,
          avatarId: avatarUploadId === undefined ? before.avatarId : avatarUploadId,
        };
        if (
          after.displayName === before.displayName &&
          after.statusText === before.statusText &&
          after.avatarId === before.avatarId
        ) {
          return { user: before, position: await log.head(unit.tx) };
        }
        after.changedAt = new Date(clock.now());
        await store.change(unit.tx, after);
        const { position } = await unit.append(userChanged({ user: after }));
        return { user: after, position };
      });
    },
  };
}
