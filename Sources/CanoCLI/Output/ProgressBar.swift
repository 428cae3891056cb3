import Foundation

/// How far something long is, on one line of standard error that is written over again and again. Nothing where no person sees it.
struct ProgressBar {
    private let total: Int
    private let isShown: Bool
    private var shown = -1

    /// Begins at nothing done.
    ///
    /// - Parameters:
    ///   - total: How much there is to do.
    ///   - isShown: Whether a person sees it.
    init(of total: Int, isShown: Bool = Terminal.isError) {
        self.total = total
        self.isShown = isShown
    }

    /// Shows that so much is done.
    mutating func show(_ done: Int) {
        let permille = total == 0 ? 1_000 : min(1_000, done * 1_000 / total)
        guard isShown, permille != shown else { return }
        shown = permille
        Self.write("\r" + Self.line(done, of: total))
    }

    /// Ends the line.
    func end() {
        if isShown, shown >= 0 { Self.write("\n") }
    }

    /// The line: a bar, and the numbers.
    static func line(_ done: Int, of total: Int, width: Int = 30) -> String {
        let full = total == 0 ? width : min(width, done * width / total)
        let bar = String(repeating: "#", count: full) + String(repeating: ".", count: width - full)
        return "[\(bar)] \(done.grouped) of \(total.grouped)"
    }

    private static func write(_ text: String) {
        FileHandle.standardError.write(Data(text.utf8))
    }
}

extension Int {
    /// The number with commas between thousands, as people read it.
    var grouped: String {
        let digits = String(magnitude)
        let first = digits.count % 3
        var parts = first == 0 ? [] : [String(digits.prefix(first))]
        var rest = digits.dropFirst(first)
        while !rest.isEmpty {
            parts.append(String(rest.prefix(3)))
            rest = rest.dropFirst(3)
        }
        return (self < 0 ? "-" : "") + parts.joined(separator: ",")
    }
}
