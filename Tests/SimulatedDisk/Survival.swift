/// What a loss of power leaves of the changes of one file.
enum Survival {
    case nothing
    case everything
    case random
    case allBut(sectorAt: Int)
    /// All sizes, and one sector; none where the offset is negative.
    case only(sectorAt: Int)
    /// Everything before a place in the order of changes, and of the change there a part.
    case torn(at: Int)
    /// Sectors within the durable size.
    case within(isGrown: Bool)
}

extension FileImage {
    /// The bytes that are left.
    func surviving(_ survival: Survival, using generator: inout some RandomNumberGenerator) -> [UInt8] {
        if case .nothing = survival { return durable }
        guard !changes.isEmpty else { return durable }
        var landed = LandedFile(durable)
        for change in changes {
            switch survival {
            case .nothing: break
            case .everything: landed.land(whole: change)
            case .random:
                // What was written behind a lost cut lies in blocks that the file does not have.
                guard landed.land(randomPartOf: change, using: &generator) else { return landed.finished() }
            case .allBut(let offset): landed.land(change, without: offset)
            case .only(let offset):
                landed.land(change.size)
                if let sector = change.sector(at: offset) { landed.land(change, sectors: sector..<sector + 1) }
            case .torn(let serial):
                if change.serial < serial { landed.land(whole: change) }
                if change.serial == serial { landed.tear(change, using: &generator) }
            case .within(let isGrown):
                if isGrown || change.isCut { landed.land(change.size) }
                let sectors = change.sectorCount(within: durable.count, isWhole: isGrown)
                landed.land(change, sectors: 0..<sectors)
            }
        }
        return landed.finished()
    }
}

extension FileChange {
    /// The index of the sector that begins at an offset of the file.
    fileprivate func sector(at offset: Int) -> Int? {
        let index = (offset - self.offset) / Self.sectorByteCount
        return offset >= self.offset && index < sectorCount ? index : nil
    }

    /// The sectors that begin, or lie wholly, in front of an offset of the file.
    fileprivate func sectorCount(within end: Int, isWhole: Bool) -> Int {
        let room = max(0, end - offset)
        let count = isWhole ? room / Self.sectorByteCount : (room + Self.sectorByteCount - 1) / Self.sectorByteCount
        // The last sector of the file may be short and is whole all the same.
        return offset + bytes.count <= end ? sectorCount : min(sectorCount, count)
    }
}

extension LandedFile {
    fileprivate mutating func land(_ change: FileChange, without offset: Int) {
        land(change.size)
        guard let sector = change.sector(at: offset) else { return land(change, sectors: 0..<change.sectorCount) }
        land(change, sectors: 0..<sector)
        land(change, sectors: sector + 1..<change.sectorCount)
    }

    /// Lands each sector and the size, or not; returns whether later changes can land.
    fileprivate mutating func land(
        randomPartOf change: FileChange, using generator: inout some RandomNumberGenerator
    ) -> Bool {
        let isSizeKept = generator.next() & 1 == 0
        if isSizeKept { land(change.size) }
        var coins: UInt64 = 0
        for sector in 0..<change.sectorCount {
            if sector % 64 == 0 { coins = generator.next() }
            if coins & 1 == 0 { land(change, sectors: sector..<sector + 1) }
            coins >>= 1
        }
        return isSizeKept || !change.isCut
    }

    /// Lands the first sectors, and the next torn. A size that changed is kept, or not, or grows up to the tear.
    fileprivate mutating func tear(_ change: FileChange, using generator: inout some RandomNumberGenerator) {
        let torn = change.sectorCount == 0 ? 0 : Int.random(in: 0..<change.sectorCount, using: &generator)
        let count = min(FileChange.sectorByteCount, change.bytes.count - torn * FileChange.sectorByteCount)
        switch (Int.random(in: 0..<3, using: &generator), change.size) {
        case (0, _): land(change.size)
        case (1, .growth) where count > 0: land(.growth(to: change.offset(ofSector: torn) + count))
        default: break
        }
        guard count > 0 else { return }
        land(change, sectors: 0..<torn)
        let first = Int.random(in: 0..<count, using: &generator)
        let end = Int.random(in: first + 1...count, using: &generator)
        // New bytes in front of the tear, behind it, between two tears, or around them.
        let (part, isInside) =
            switch generator.next() & 3 {
            case 0: (0..<end, true)
            case 1: (first..<count, true)
            case 2: (first..<end, true)
            default: (first..<end, false)
            }
        tear(change, sector: torn, at: part, isInside: isInside)
    }
}
