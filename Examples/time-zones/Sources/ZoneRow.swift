/// A row of zone1970.tab: countries, coordinates, the zone, and perhaps a comment, with a tab between each two.
struct ZoneRow {
    let countries: [String]
    let latitude: Double
    let longitude: Double
    let zone: String

    init(_ line: String, at number: Int, knownTo atlas: Atlas) throws(Rejection) {
        func reject(_ reason: String) -> Rejection { Rejection(line: number, reason: reason) }

        let fields = line.split(separator: "\t").map(String.init)
        guard (3...4).contains(fields.count) else { throw reject("\(fields.count) fields in place of 3 or 4") }
        countries = fields[0].split(separator: ",").map(String.init)
        if let unknown = countries.first(where: { atlas.countries[$0] == nil }) { throw reject("no country has the code \(unknown)") }
        guard let (latitude, longitude) = Self.coordinates(fields[1]) else { throw reject("\(fields[1]) is no place on earth") }
        (self.latitude, self.longitude, zone) = (latitude, longitude, fields[2])
        guard atlas.zones[zone] != nil else { throw reject("there is no zone \(zone)") }
    }

    /// A clock for each of its countries.
    func clocks(by atlas: Atlas) -> [Clock] {
        guard let time = atlas.zones[zone] else { return [] }
        return countries.map { country in
            Clock(
                country: country, name: atlas.countries[country] ?? "", zone: zone, offset: time.offset, isChanging: time.isChanging,
                latitude: latitude, longitude: longitude)
        }
    }

    /// `±DDMM±DDDMM`, or with seconds `±DDMMSS±DDDMMSS`, as ISO 6709 has it; in degrees with two digits behind the point.
    private static func coordinates(_ text: String) -> (Double, Double)? {
        guard let match = text.wholeMatch(of: /([+-])(\d\d)(\d\d)(\d\d)?([+-])(\d\d\d)(\d\d)(\d\d)?/) else { return nil }
        func degrees(_ sign: Substring, _ parts: Substring?...) -> Double {
            let values = parts.map { part in part.flatMap { Double($0) } ?? 0 }
            let value = values[0] + values[1] / 60 + values[2] / 3_600
            return (sign == "-" ? -1 : 1) * (100 * value).rounded() / 100
        }
        let place = (degrees(match.1, match.2, match.3, match.4), degrees(match.5, match.6, match.7, match.8))
        return abs(place.0) <= 90 && abs(place.1) <= 180 ? place : nil
    }
}
