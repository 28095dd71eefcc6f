// Takes invoices one by one, keeps the good ones in whole cents, and says of the others what is wrong.

const NUMBER = /^[A-Z]\d{4}-\d{5}$/;
const AMOUNT = /^-?\d{1,9}\.\d{2}$/;

export function createLedger(customers) {
  const names = new Map(customers.map(({ id, name }) => [id, name]));
  const seen = new Map();
  const sums = new Map();
  const problems = [];

  const problemOf = (month, { number, date, customer, net, taxPercent }) => {
    if (!NUMBER.test(number)) return `"${number}" is no invoice number`;
    if (seen.has(number)) return `${number} was already on ${seen.get(number)}`;
    if (Number.isNaN(Date.parse(date))) return `${number}: "${date}" is no date`;
    if (!date.startsWith(`${month}-`)) return `${number}: dated ${date}, outside of ${month}`;
    if (!names.has(customer)) return `${number}: there is no customer "${customer}"`;
    if (!AMOUNT.test(net)) return `${number}: "${net}" is no amount`;
    if (!/^\d{1,2}$/.test(taxPercent)) return `${number}: "${taxPercent}" is no tax rate`;
    return null;
  };

  return {
    add(file, month, row) {
      const reason = problemOf(month, row);
      if (reason !== null) {
        problems.push({ file, line: row.line, reason });
        return;
      }
      seen.set(row.number, `${file}:${row.line}`);
      const net = cents(row.net);
      const sum = sums.get(row.customer) ?? { invoices: 0, net: 0, tax: 0 };
      sums.set(row.customer, {
        invoices: sum.invoices + 1,
        net: sum.net + net,
        tax: sum.tax + Math.round((net * Number(row.taxPercent)) / 100),
      });
    },
    count: () => seen.size,
    report() {
      const byGross = [...sums].sort(([, a], [, b]) => b.net + b.tax - a.net - a.tax);
      return {
        invoices: seen.size,
        totals: amounts([...sums.values()].reduce(plus, { net: 0, tax: 0 })),
        customers: byGross.map(([id, sum]) => ({
          id,
          name: names.get(id),
          invoices: sum.invoices,
          ...amounts(sum),
        })),
        problems,
      };
    },
  };
}

function plus(a, b) {
  return { net: a.net + b.net, tax: a.tax + b.tax };
}

function cents(text) {
  return Number(text.replace('.', ''));
}

function amounts({ net, tax }) {
  return { net: net / 100, tax: tax / 100, gross: (net + tax) / 100 };
}
