// Statements for DuckDB as JSON lines, answered with their seconds and rows: {"sql": ...} in,
// {"seconds": ..., "rows": [...]} or {"error": ...} out. Arguments: the package's folder, threads.
import { createRequire } from 'node:module';
import readline from 'node:readline';

const [folder, threads] = process.argv.slice(2);
const { DuckDBInstance } = createRequire(`${folder}/`)('@duckdb/node-api');
const instance = await DuckDBInstance.create(':memory:', { threads });
const connection = await instance.connect();

for await (const line of readline.createInterface({ input: process.stdin })) {
    let answer;
    try {
        const begun = process.hrtime.bigint();
        const reader = await connection.runAndReadAll(JSON.parse(line).sql);
        const seconds = Number(process.hrtime.bigint() - begun) / 1e9;
        answer = { seconds, rows: reader.getRowsJson() };
    } catch (error) {
        answer = { error: String(error) };
    }
    process.stdout.write(JSON.stringify(answer) + '\n');
}
