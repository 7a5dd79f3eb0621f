package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Message is one piece of work.
type Message struct {
	ID   string
	Body []byte
}

// Queue is where work comes from. A message that was taken is nobody else's until it is returned.
type Queue interface {
	// Take gives the next message, or nil if there is none.
	Take() (*Message, error)
	// Done says that a message has been dealt with.
	Done(*Message) error
	// Return gives a message back, to be taken again.
	Return(*Message) error
}

// directory is a queue of files: enough to run and test on one machine. Write elsewhere and rename into it.
type directory struct{ path string }

const taken = ".taken"

func openDirectory(path string) (Queue, error) {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, err
	}
	return directory{path}, nil
}

func (d directory) Take() (*Message, error) {
	entries, err := os.ReadDir(d.path)
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		if entry.IsDir() || strings.HasSuffix(entry.Name(), taken) {
			continue
		}
		path := filepath.Join(d.path, entry.Name())
		// Whoever renames it first has it.
		if err := os.Rename(path, path+taken); errors.Is(err, fs.ErrNotExist) {
			continue
		} else if err != nil {
			return nil, err
		}
		body, err := os.ReadFile(path + taken)
		if err != nil {
			return nil, err
		}
		return &Message{ID: entry.Name(), Body: body}, nil
	}
	return nil, nil
}

func (d directory) Done(message *Message) error {
	return os.Remove(filepath.Join(d.path, message.ID+taken))
}

func (d directory) Return(message *Message) error {
	path := filepath.Join(d.path, message.ID)
	return os.Rename(path+taken, path)
}
