// What two foreign libraries say of requests: JSON lists on standard input and output.
import { readFileSync } from "node:fs";
import * as standardwebhooks from "standardwebhooks";
import * as svix from "svix";

const VERIFIERS = { standardwebhooks: standardwebhooks.Webhook, svix: svix.Webhook };
const REFUSALS = [standardwebhooks.WebhookVerificationError, svix.WebhookVerificationError];

function verifies(Webhook, request) {
  try {
    new Webhook(request.secret).verify(request.body, request.headers);
  } catch (error) {
    if (REFUSALS.some((kind) => error instanceof kind)) return false;
    throw error;
  }
  return true;
}

const requests = JSON.parse(readFileSync(0, "utf8"));
const told = Object.entries(VERIFIERS).map(([name, each]) => [name, requests.map((request) => verifies(each, request))]);
console.log(JSON.stringify(Object.fromEntries(told)));
