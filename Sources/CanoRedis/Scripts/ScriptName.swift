/// The names of what a script is told, in the order it is told: an enum whose raw values are the names in Lua.
///
/// The order and the names stand only there. The script's header is made from them, and a call is checked against them.
package protocol ScriptName: RawRepresentable, CaseIterable, Equatable, Sendable where RawValue == String, AllCases == [Self] {}

/// The names of the fields of what a list of a script's arguments holds, in order.
package protocol ScriptItem: ScriptName {
    /// What an item is called in Lua.
    static var item: String { get }
}

/// For scripts that have none of a kind.
package enum NoNames: String, ScriptName {
    case none

    package static let allCases: [NoNames] = []
}
