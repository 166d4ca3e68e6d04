import { defineModule } from "../../module.ts";
import "./control-events.schema.ts";
import "./event.schema.ts";

export const eventModule = defineModule({
  name: "event",
  create: () => ({ services: {} }),
});
