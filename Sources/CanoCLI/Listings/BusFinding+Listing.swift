import CanoClient
import CanoPrimitives

extension BusFinding {
    /// The finding as lines for people: how it is, and below it what to do.
    var lines: [StyledText] {
        let mark =
            switch severity {
            case .fine: StyledText("✓", .green)
            case .warning: StyledText("!", .yellow)
            case .error: StyledText("✗", .red)
            }
        let line = mark + StyledText(" ") + StyledText(subject, .bold) + StyledText((place.map { " of \($0)" } ?? "") + ": \(finding)")
        return [line] + (remedy.map { [StyledText("  → \($0)")] } ?? [])
    }
}
