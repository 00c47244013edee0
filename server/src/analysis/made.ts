// What a rule reports, with the rule’s own severity where it says none.
import type { Finding, Report, Rule } from '../rules/rule.ts';

export function made(rule: Rule, { uri, at, message, severity, related, refusedBy, failsAt }: Report): Finding {
  return {
    rule: rule.id,
    severity: severity ?? rule.severity,
    uri,
    statement: at.statement,
    item: at.item,
    message,
    related: related ?? [],
    refusedBy: refusedBy ?? null,
    failsAt: failsAt ?? null,
  };
}
