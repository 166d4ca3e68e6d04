import { defineModule, type Needs } from "../../module.ts";
import { scheduleEvents } from "./schedule.events.ts";
import { makeScheduleService, type ScheduleService } from "./schedule.service.ts";
import { makeScheduleSender } from "./schedule-sender.service.ts";
import { makeScheduleStore } from "./schedule.store.ts";
import "./schedule.schema.ts";
import "./schedule-events.schema.ts";

declare module "../../graphql/services.ts" {
  interface Services {
    schedules: ScheduleService;
  }
}

declare module "../../infra/rate-limits.ts" {
  interface SharedLimits {
    SCHEDULE: true;
  }
}

export const scheduleModule = defineModule({
  name: "schedule",
  events: scheduleEvents,
  create: ({
    database,
    log,
    clock,
    logger,
    rates,
    sending,
    conversations,
    users,
  }: Needs<"sending" | "conversations" | "users">) => {
    const store = makeScheduleStore(database);
    const schedules = makeScheduleService({ store, sending, conversations, log, clock, rates });
    const sender = makeScheduleSender({ store, sending, users, log, clock, logger });
    return {
      services: { schedules },
      exportSections: [schedules.exportSection],
      eraseUser: schedules.eraseUser,
      startBackground: sender.start,
      stop: sender.stop,
    };
  },
});
