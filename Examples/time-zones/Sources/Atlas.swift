import CanoCore
import Foundation

/// What is known of countries and zones.
struct Atlas: Sendable {
    /// What the clocks of a zone show.
    struct Time: Sendable {
        let offset: String
        let isChanging: Bool
    }

    /// The names of the countries, by their codes.
    let countries: [String: String]
    /// The zones, by their names.
    let zones: [String: Time]

    init(folder: String) throws {
        let codes = try String(contentsOfFile: folder + "/iso3166.tab", encoding: .utf8).split(separator: "\n").filter { $0.first != "#" }
        countries = codes.reduce(into: [:]) { countries, line in
            let fields = line.split(separator: "\t").map(String.init)
            if fields.count == 2 { countries[fields[0]] = fields[1] }
        }
        zones = Self.zones(try String(contentsOfFile: folder + "/tzdata.zi", encoding: .utf8))
    }

    /// A zone begins with a line `Z name offset rules format until`. Lines without a letter in front go on with it, and the last one holds
    /// now. A rule is a line `R name from to …`; one that holds for ever has `ma` as its end.
    private static func zones(_ text: String) -> [String: Time] {
        var lasting: Set<String> = []
        var times: [String: [String]] = [:]
        var zone = ""
        for line in text.split(separator: "\n") where line.first != "#" {
            let fields = line.split(separator: " ").map(String.init)
            switch fields[0] {
            case "R": if fields[3] == "ma" { lasting.insert(fields[1]) }
            case "Z": (zone, times[fields[1]]) = (fields[1], Array(fields[2...]))
            case "L": break
            default: times[zone] = fields
            }
        }
        return times.mapValues { fields in Time(offset: hoursAndMinutes(fields[0]), isChanging: lasting.contains(fields[1])) }
    }

    /// `5:30` as `+05:30`.
    private static func hoursAndMinutes(_ offset: String) -> String {
        let parts = offset.drop { $0 == "-" }.split(separator: ":").map { $0.count == 1 ? "0\($0)" : String($0) }
        return "\(offset.hasPrefix("-") ? "-" : "+")\(parts[0]):\(parts.count > 1 ? parts[1] : "00")"
    }
}

/// The atlas, read once for all runs of a bridge.
actor AtlasResource: Resource {
    private let folder: String
    private var read: Atlas?

    init(folder: String) { self.folder = folder }

    func setUp() async throws { read = try Atlas(folder: folder) }

    var atlas: Atlas {
        get throws {
            if let read { return read }
            throw CanoError(.configuration, "the atlas was not read: it is, when the resources of its workflow are set up")
        }
    }
}
