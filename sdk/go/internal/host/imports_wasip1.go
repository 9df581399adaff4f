package host

import (
	"unsafe"

	"ringtap.dev/plugin/internal/memory"
)

//go:wasmimport ringtap:plugin/log@0.1.0 write
func logWrite(level uint32, line string)

//go:wasmimport ringtap:plugin/clock@0.1.0 now-ns
func clockNowNs() uint64

//go:wasmimport ringtap:plugin/interfaces@0.1.0 name
func interfacesName(ifindex uint32, answer unsafe.Pointer)

//go:wasmimport ringtap:plugin/random@0.1.0 next
func randomNext() uint64

//go:wasmimport ringtap:plugin/kv@0.1.0 get
func kvGet(key string, answer unsafe.Pointer)

//go:wasmimport ringtap:plugin/kv@0.1.0 set
func kvSet(key string, value unsafe.Pointer, size uint32, answer unsafe.Pointer)

//go:wasmimport ringtap:plugin/kv@0.1.0 delete
func kvDelete(key string)

//go:wasmimport ringtap:plugin/kv@0.1.0 keys
func kvKeys(prefix string, answer unsafe.Pointer)

//go:wasmimport ringtap:plugin/metrics@0.1.0 counter
func metricsCounter(name, help string, labels unsafe.Pointer, count uint32, answer unsafe.Pointer)

//go:wasmimport ringtap:plugin/metrics@0.1.0 gauge
func metricsGauge(name, help string, labels unsafe.Pointer, count uint32, answer unsafe.Pointer)

//go:wasmimport ringtap:plugin/metrics@0.1.0 histogram
func metricsHistogram(name, help string, bounds unsafe.Pointer, boundCount uint32, labels unsafe.Pointer, count uint32, answer unsafe.Pointer)

//go:wasmimport ringtap:plugin/metrics@0.1.0 update
func metricsUpdate(ids unsafe.Pointer, idCount uint32, values unsafe.Pointer, valueCount uint32, answer unsafe.Pointer)

//go:wasmimport ringtap:plugin/metrics@0.1.0 forget
func metricsForget(ids unsafe.Pointer, count uint32, answer unsafe.Pointer)

//go:wasmimport ringtap:plugin/events@0.1.0 emit
func eventsEmit(rows unsafe.Pointer, count uint32, answer unsafe.Pointer)

// Of the adapter in sdk/go/adapter, not of WASI.
//
//go:wasmimport wasi_snapshot_preview1 ringtap_line_buffer
func adapterLineBuffer(at unsafe.Pointer, size uint32)

// The host keeps 1 KiB of a line.
var line [1024]byte

func init() {
	adapterLineBuffer(unsafe.Pointer(&line), uint32(len(line)))
}

// Where the host writes its answers: the case of a variant, and a handle or where a list is and its
// length. Calls do not overlap, and each looks at it before the next one.
var answer struct {
	tag   uint8
	words [2]uint32
}

func refusal() Refusal {
	if answer.tag == 0 {
		return ""
	}
	if answer.words[1] == 0 {
		return "it does not say why"
	}
	return memory.Text(answer.words[0], answer.words[1])
}

// Log writes a line, at a level from 0, debug, to 3, error.
func Log(level uint32, text string) {
	logWrite(level, Valid(text))
}

// Nobody sets it; the compiler does not know.
var never bool

// ReachLog makes the plugin import the log, which the adapter then writes to.
func ReachLog() {
	if never {
		logWrite(0, "")
	}
}

// NowNs is Unix time.
func NowNs() uint64 {
	return clockNowNs()
}

// Random is a number.
func Random() uint64 {
	return randomNext()
}

// InterfaceName is what an interface is called.
func InterfaceName(ifindex uint32) (string, bool) {
	mark := memory.Shared.Mark()
	interfacesName(ifindex, unsafe.Pointer(&answer))
	if answer.tag == 0 {
		return "", false
	}
	name := memory.Text(answer.words[0], answer.words[1])
	memory.Shared.Release(mark)
	return name, true
}

// KVGet is the value of a key.
func KVGet(key string) ([]byte, bool) {
	mark := memory.Shared.Mark()
	kvGet(Valid(key), unsafe.Pointer(&answer))
	if answer.tag == 0 {
		return nil, false
	}
	value := memory.Copy(answer.words[0], answer.words[1])
	memory.Shared.Release(mark)
	return value, true
}

// KVSet gives a key a value.
func KVSet(key string, value []byte) Refusal {
	kvSet(Valid(key), unsafe.Pointer(unsafe.SliceData(value)), uint32(len(value)), unsafe.Pointer(&answer))
	return refusal()
}

// KVDelete drops a key.
func KVDelete(key string) {
	kvDelete(Valid(key))
}

// KVKeys is the keys that start with a prefix.
func KVKeys(prefix string) []string {
	mark := memory.Shared.Mark()
	var list [2]uint32
	kvKeys(Valid(prefix), unsafe.Pointer(&list))
	texts := unsafe.Slice((*[2]uint32)(memory.Pointer(list[0])), list[1])
	keys := make([]string, len(texts))
	for i, text := range texts {
		keys[i] = memory.Text(text[0], text[1])
	}
	memory.Shared.Release(mark)
	return keys
}

// Define gives the handle of a series.
func Define(definition *Definition) (uint32, Refusal) {
	labels := make([][4]uint32, len(definition.Labels))
	kept := make([]Label, len(labels))
	for i, label := range definition.Labels {
		kept[i] = Label{Valid(label.Name), Valid(label.Value)}
		name, value := kept[i].Name, kept[i].Value
		labels[i] = [4]uint32{memory.AddressOf(name), uint32(len(name)), memory.AddressOf(value), uint32(len(value))}
	}
	keep = kept
	name, help := Valid(definition.Name), Valid(definition.Help)
	place, count := unsafe.Pointer(unsafe.SliceData(labels)), uint32(len(labels))
	switch definition.Kind {
	case Counter:
		metricsCounter(name, help, place, count, unsafe.Pointer(&answer))
	case Gauge:
		metricsGauge(name, help, place, count, unsafe.Pointer(&answer))
	case Histogram:
		bounds := unsafe.Pointer(unsafe.SliceData(definition.Bounds))
		metricsHistogram(name, help, bounds, uint32(len(definition.Bounds)), place, count, unsafe.Pointer(&answer))
	}
	keep = nil
	if refused := refusal(); refused != "" {
		return 0, refused
	}
	return answer.words[0], ""
}

// What an address in a list is of: reachable, and so not on a stack.
var keep []Label

// Update hands over values.
func Update(ids []uint32, values []float64) Refusal {
	metricsUpdate(unsafe.Pointer(unsafe.SliceData(ids)), uint32(len(ids)), unsafe.Pointer(unsafe.SliceData(values)), uint32(len(values)), unsafe.Pointer(&answer))
	return refusal()
}

// Forget drops series.
func Forget(ids []uint32) Refusal {
	metricsForget(unsafe.Pointer(unsafe.SliceData(ids)), uint32(len(ids)), unsafe.Pointer(&answer))
	return refusal()
}

// types.event and its fields, as they lie in memory.
type (
	loweredEvent struct {
		kind, kindLen     uint32
		timeNs            uint64
		fields, fieldsLen uint32
	}
	loweredField struct {
		name, nameLen uint32
		tag           Tag
		value         uint64
	}
)

// Used again for each call.
var (
	loweredEvents []loweredEvent
	loweredFields []loweredField
)

// Emit hands over rows.
func Emit(rows []Event) Refusal {
	fields := 0
	for i := range rows {
		fields += len(rows[i].Fields)
	}
	if cap(loweredFields) < fields {
		loweredFields = make([]loweredField, 0, fields)
	}
	loweredEvents, loweredFields = loweredEvents[:0], loweredFields[:0]
	for i := range rows {
		loweredEvents = append(loweredEvents, lower(&rows[i]))
	}
	eventsEmit(unsafe.Pointer(unsafe.SliceData(loweredEvents)), uint32(len(rows)), unsafe.Pointer(&answer))
	return refusal()
}

func lower(row *Event) loweredEvent {
	first := len(loweredFields)
	for _, field := range row.Fields {
		lowered := loweredField{memory.AddressOf(field.Name), uint32(len(field.Name)), field.Value.Tag, field.Value.Number}
		if field.Value.Tag == Text || field.Value.Tag == Bytes {
			text := field.Value.Text
			lowered.value = uint64(memory.AddressOf(text)) | uint64(len(text))<<32
		}
		loweredFields = append(loweredFields, lowered)
	}
	return loweredEvent{
		memory.AddressOf(row.Kind), uint32(len(row.Kind)), row.TimeNs,
		memory.Place(loweredFields[first:]), uint32(len(row.Fields)),
	}
}

// Lift copies an event that the host has put at an address, and says where the next one would be.
func Lift(event unsafe.Pointer) Event {
	from := (*loweredEvent)(event)
	fields := unsafe.Slice((*loweredField)(memory.Pointer(from.fields)), from.fieldsLen)
	lifted := Event{memory.Text(from.kind, from.kindLen), from.timeNs, make([]Field, len(fields))}
	for i, field := range fields {
		value := Value{Tag: field.tag}
		switch field.tag {
		case Text, Bytes:
			value.Text = memory.Text(uint32(field.value), uint32(field.value>>32))
		case Truth:
			value.Number = field.value & 1
		default:
			value.Number = field.value
		}
		lifted.Fields[i] = Field{memory.Text(field.name, field.nameLen), value}
	}
	return lifted
}

// LoweredSize is the bytes of an event.
const LoweredSize = unsafe.Sizeof(loweredEvent{})
