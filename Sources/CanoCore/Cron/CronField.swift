/// One field of a cron expression: what may stand in it, and what a text in it means.
enum CronField: String, CaseIterable {
    case second
    case minute
    case hour
    case dayOfMonth = "day of month"
    case month
    case dayOfWeek = "day of week"
    case year

    /// The numbers that may stand in it.
    var range: ClosedRange<Int> {
        switch self {
        case .second, .minute: 0...59
        case .hour: 0...23
        case .dayOfMonth: 1...31
        case .month: 1...12
        case .dayOfWeek: 0...7
        case .year: 1970...2099
        }
    }

    private var names: [String] {
        switch self {
        case .month: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
        case .dayOfWeek: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
        default: []
        }
    }

    /// What a text in this field allows, such as `*/15`, `9-17` or `mon,wed`.
    func values(_ text: Substring) throws(CronProblem) -> CronValues {
        var values = CronValues(range.lowerBound...last, beginsWithWildcard: text.first == "*" || text.first == "?")
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let (numbers, step) = try self.part(part)
            for number in stride(from: numbers.lowerBound, through: numbers.upperBound, by: step) {
                // Sunday has two numbers.
                values.insert(self == .dayOfWeek && number == 7 ? 0 : number)
            }
        }
        return values
    }

    private func part(_ part: Substring) throws(CronProblem) -> (ClosedRange<Int>, step: Int) {
        guard !part.isEmpty else { throw problem("a part between commas is empty", "leave the comma out") }
        let halves = part.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let (numbers, isSingle) = try span(halves[0], in: part)
        guard halves.count == 2 else { return (numbers, 1) }
        guard let step = number(halves[1]), step > 0 else {
            throw problem("the step \"\(halves[1])\" is not a whole number from 1 on", "write */\(self == .year ? 2 : 5), for example")
        }
        // From the number to the end, as every cron has it.
        return (isSingle ? numbers.lowerBound...last : numbers, step)
    }

    private var last: Int { self == .dayOfWeek ? 6 : range.upperBound }

    private func span(_ text: Substring, in part: Substring) throws(CronProblem) -> (ClosedRange<Int>, isSingle: Bool) {
        if text == "*" { return (range.lowerBound...last, false) }
        if text == "?" {
            guard self == .dayOfMonth || self == .dayOfWeek else { throw problem("? stands only for a day", "write *") }
            return (range.lowerBound...last, false)
        }
        let ends = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        let low = try value(ends[0], in: part)
        guard ends.count == 2 else {
            let number = self == .dayOfWeek && low == 7 ? 0 : low
            return (number...number, true)
        }
        var high = try value(ends[1], in: part)
        if self == .dayOfWeek, high == 0, low > 0 { high = 7 }
        guard low <= high else {
            throw problem(
                "the range \(text) goes backwards",
                "write \(ends[0])-\(self == .dayOfWeek ? "sat" : "\(last)"),\(range.lowerBound)-\(ends[1])"
            )
        }
        return (low...high, false)
    }

    private func value(_ text: Substring, in part: Substring) throws(CronProblem) -> Int {
        if let index = names.firstIndex(of: text.lowercased()) { return index + (self == .month ? 1 : 0) }
        guard let value = number(text) else {
            let names = names.isEmpty ? "" : ", or \(names[0]) to \(names[names.count - 1])"
            if text.contains(where: { "LlWw#".contains($0) }) {
                throw problem("\"\(part)\" is not understood: L, W and # are not", "write the days as numbers\(names)")
            }
            throw problem("\"\(text)\" is not understood", "write a number from \(range.lowerBound) to \(range.upperBound)\(names)")
        }
        guard range.contains(value) else {
            throw problem("\(value) is out of range", "write a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    /// Digits only: no sign, no other script's digits.
    private func number(_ text: Substring) -> Int? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return Int(text)
    }

    private func problem(_ what: String, _ instead: String) -> CronProblem { CronProblem(text: "\(rawValue): \(what); \(instead)") }
}

/// What is wrong with a field, and what to write instead.
struct CronProblem: Error {
    let text: String
}
