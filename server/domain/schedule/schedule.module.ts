import { defineModule } from "../../module.ts";
import type { ScheduleService } from "./schedule.service.ts";
import "./schedule.schema.ts";
import "./schedule-events.schema.ts";

declare module "../../graphql/services.ts" {
  interface Services {
    schedules: ScheduleService;
  }
}

export const scheduleModule = defineModule({
  name: "schedule",
});
