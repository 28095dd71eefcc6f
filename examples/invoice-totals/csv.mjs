// Comma-separated values after RFC 4180: quotes, commas and line ends within quotes.

/** Rows as objects by the names of the first line, each with the number of its line in the file. */
export function parseCsv(text) {
  const [header, ...rows] = records(text);
  if (header === undefined) return [];
  return rows.map(({ line, fields }) => ({
    line,
    ...Object.fromEntries(header.fields.map((name, i) => [name, fields[i] ?? ''])),
  }));
}

function records(text) {
  const found = [];
  let [fields, field, isQuoted, line, startLine] = [[], '', false, 1, 1];
  const endRecord = () => {
    if (fields.length > 0 || field !== '') found.push({ line: startLine, fields: [...fields, field] });
    [fields, field] = [[], ''];
  };
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === '\n') line++;
    if (isQuoted) {
      if (char !== '"') field += char;
      else if (text[i + 1] === '"') field += text[++i];
      else isQuoted = false;
    } else if (char === '"') isQuoted = true;
    else if (char === ',') {
      fields.push(field);
      field = '';
    } else if (char === '\n') {
      endRecord();
      startLine = line;
    } else if (char !== '\r') field += char;
  }
  endRecord();
  return found;
}
