// Says when cron expressions are due, for Tests/Cron. Reads lines `zone<TAB>expression<TAB>start<TAB>count`, start in milliseconds since
// 1970, and answers each with the due times after it, or with `error` and the error's message.
import CanoCore

func answer(_ line: String) -> String {
    let fields = line.split(separator: "\t").map(String.init)
    guard fields.count == 4, var moment = Int64(fields[2]), let count = Int(fields[3]) else { return "error a line has four fields" }
    do {
        let zone = try ScheduleTimeZone(fields[0])
        let expression = try CronExpression(fields[1])
        var due: [String] = []
        while due.count < count, let next = expression.next(after: moment, in: zone) {
            due.append("\(next)")
            moment = next
        }
        return due.joined(separator: " ")
    } catch {
        return "error \(error.code) \(error.message)"
    }
}

while let line = readLine() { print(answer(line)) }
