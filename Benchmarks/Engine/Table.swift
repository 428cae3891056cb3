#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The table of all workloads, as Markdown.
enum Table {
    private static let widths = [46, 10, 11, 19, 15, 5]

    static func printHead() {
        printLine(["workload", "unit", "ours CPU ns", "lowest–highest", "original CPU ns", "ratio"])
        print("|" + widths.enumerated().map { $0.offset < 2 ? " --- |" : " --: |" }.joined())
    }

    static func printRow(_ workload: Workload, _ ours: Measurement) {
        printLine([
            workload.name, workload.unit, text(ours.median), "\(text(ours.lowest))–\(text(ours.highest))",
            workload.original.map(text) ?? "–", workload.original.map { ratio(ours.median / $0) } ?? "–",
        ])
    }

    private static func printLine(_ cells: [String]) {
        let padded = zip(cells, widths).enumerated().map { column, cell in
            let padding = String(repeating: " ", count: max(0, cell.1 - cell.0.count))
            return column < 2 ? cell.0 + padding : padding + cell.0
        }
        print("| " + padded.joined(separator: " | ") + " |")
        // So that a row is seen when it is there, also through a pipe.
        fflush(nil)
    }

    /// With one decimal below a hundred and separated thousands.
    private static func text(_ value: Double) -> String {
        if value < 100 { return "\((value * 10).rounded() / 10)" }
        var digits = String(Int(value.rounded()))
        var groups: [String] = []
        while digits.count > 3 {
            groups.insert(String(digits.suffix(3)), at: 0)
            digits.removeLast(3)
        }
        return ([digits] + groups).joined(separator: ",")
    }

    private static func ratio(_ value: Double) -> String {
        let hundredths = Int((value * 100).rounded())
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
    }
}
