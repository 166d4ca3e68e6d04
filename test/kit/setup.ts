import { afterAll, afterEach, beforeEach } from "vitest";
import { markOutput, outputSinceMark } from "./child.ts";
import { releaseAll } from "./resources.ts";

beforeEach(markOutput);

afterEach(({ task }) => {
  if (task.result?.state !== "fail") return;
  const output = outputSinceMark();
  if (output !== "") console.error(output);
});

afterAll(releaseAll);
