// Numbers as people type them, as spreadsheets paste them, and as the page writes them.
import { state } from "./demand-rows.js";

const language = document.documentElement.lang || "en";
const whole = new Intl.NumberFormat(language, { maximumFractionDigits: 0 });
const fine = new Intl.NumberFormat(language, { maximumFractionDigits: 2 });
const percent = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1, signDisplay: "exceptZero" });
const hasCommaPoint = new Intl.NumberFormat(language).format(0.5).includes(",");

const withSign = (value, text) => (value > 0 ? `+${text}` : text).replace("-", "−");

/** Units (or whole dollars) as the grid writes them: decimals only where the number is small. */
export const shown = (value) => (Math.abs(value) < 10 && !Number.isInteger(value) ? fine : whole).format(value);
export const shownExactly = (value) => fine.format(value);
export const shownChange = (value) => withSign(value, shown(value));
export const shownShare = (value) => percent.format(value).replace("-", "−");

/** Cents of the reporting currency, in whole units of it, with its sign. */
export function shownMoney(cents, { signed = false } = {}) {
  const style = state.currency ? { style: "currency", currency: state.currency } : {};
  const text = new Intl.NumberFormat(language, { ...style, maximumFractionDigits: 0 }).format(cents / 100);
  return signed ? withSign(cents, text) : text.replace("-", "−");
}

/** Which mark separates decimals in these texts: what they show without doubt, else what is usual in this language. */
export function pointOf(texts) {
  const shows = (group, point) => {
    const proof = new RegExp(`\\d\\${group}\\d{3}\\${point}\\d|^\\D*\\d*\\${point}(\\d{1,2}|\\d{4,})\\D*$|\\d\\${group}\\d{3}\\${group}\\d{3}`);
    return texts.some((text) => proof.test(text));
  };
  const [comma, point] = [shows(".", ","), shows(",", ".")];
  if (comma !== point) return comma ? "," : ".";
  return hasCommaPoint ? "," : ".";
}

/** A number as people and spreadsheets write it (thousands, currency signs, parentheses for negatives); null when it is none. */
export function parseNumber(text, point = pointOf([text])) {
  let clean = String(text).replace(/[\s\u00a0\u202f'’$€£¥]/g, "").replace(/[−–]/g, "-");
  if (clean === "-") return 0; // accountants write nothing as a dash
  const isNegative = /^\(.*\)$/.test(clean);
  if (isNegative) clean = clean.slice(1, -1);
  const group = point === "," ? "\\." : ",";
  const decimals = `(\\${point}\\d*)?`;
  if (!new RegExp(`^-?(\\d{1,3}(${group}\\d{3})+|\\d+)${decimals}$|^-?\\${point}\\d+$`).test(clean)) return null;
  const value = Number(clean.replaceAll(point === "," ? "." : ",", "").replace(point, "."));
  return isNegative ? -value : value;
}

/**
 * What a person typed into a cell: `120`, `=120` set it; `+5`, `-5` change it; `+10%`, `-10%`, `*1.1`, `/2` scale it.
 * Returns {mode, amount} (percent for scale), {problem} in words, or null for an empty cell.
 */
export function parseTyped(text) {
  const clean = text.trim().replace(/^[−–]/, "-");
  if (!clean) return null;
  const [, sign, rest, share] = /^([=+\-*×x/]?)\s*(.*?)\s*(%?)$/.exec(clean);
  const amount = parseNumber(rest);
  if (amount === null) return { problem: `“${text}” is not a number` };
  const isSigned = sign === "+" || sign === "-";
  if (share && !isSigned) return { problem: "Write +10% or −10%" };
  const signed = sign === "-" ? -amount : amount;
  if (share) return { mode: "scale", amount: signed };
  if (isSigned) return { mode: "change", amount: signed };
  if (sign === "/" && amount === 0) return { problem: "Nothing can be divided by 0" };
  if (sign === "/") return { mode: "scale", amount: 100 / amount - 100 };
  if (sign && sign !== "=") return { mode: "scale", amount: 100 * amount - 100 };
  return { mode: "set", amount };
}
