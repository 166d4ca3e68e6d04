import { defineModule } from "../../module.ts";
import type { TypingService } from "./typing.service.ts";
import "./typing.schema.ts";

declare module "../../graphql/services.ts" {
  interface Services {
    typing: TypingService;
  }
}

export const typingModule = defineModule({
  name: "typing",
});
