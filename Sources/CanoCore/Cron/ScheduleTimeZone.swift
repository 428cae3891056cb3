import Foundation

/// A time zone of the IANA database, such as `Europe/Berlin`, with its daylight-saving rules.
///
/// The rules come with the Foundation the program is linked with, also with `--static-swift-stdlib`, and not from the machine:
/// they are as old as the toolchain.
public struct ScheduleTimeZone: Sendable, Hashable, CustomStringConvertible {
    private let zone: TimeZone
    /// The name it was asked for by.
    public let description: String

    /// Coordinated universal time, which has no daylight saving.
    public static let utc = ScheduleTimeZone(zone: .gmt, description: "UTC")

    /// The zone of that name.
    ///
    /// - Parameter name: `UTC`, or a name with an area such as `America/Sao_Paulo`. Abbreviations (`CET`, `PST`) and offsets
    ///   (`GMT+2`) are refused, for they mean different things to different people.
    /// - Throws: ``CanoError/Category/configuration`` with the code `unknown_time_zone`. Nothing falls back to UTC.
    public init(_ name: String) throws(CanoError) {
        if name == "UTC" || name == "GMT" {
            self = .utc
            return
        }
        guard name.contains("/"), let zone = TimeZone(identifier: name) else {
            guard Self.hasDatabase else {
                throw CanoError(.configuration, "this program was linked without time zones: only UTC is there", code: "unknown_time_zone")
            }
            throw CanoError(
                .configuration, "there is no time zone \"\(name.prefix(100))\": write UTC, or a name such as Europe/Berlin",
                code: "unknown_time_zone")
        }
        self.init(zone: zone, description: name)
    }

    private init(zone: TimeZone, description: String) {
        self.zone = zone
        self.description = description
    }

    /// How far the clock on the wall is ahead of UTC, in seconds, at that many seconds since 1970.
    func offset(at second: Int) -> Int {
        zone == .gmt ? 0 : zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(second)))
    }

    /// Whether Foundation knows any zone. A statically linked program gets the part of Foundation that does only when
    /// something of that part is mentioned, as the format style is here: without it every name would be unknown.
    private static let hasDatabase = String(describing: Date.FormatStyle.self) != "" && TimeZone(identifier: "Europe/Berlin") != nil
}
