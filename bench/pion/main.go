// A plain SFU on Pion, to measure against: what its examples do for broadcasting, with several publishers, rooms and ICE-lite.
// One PeerConnection per client; each publisher's track is read by one goroutine and written to a TrackLocalStaticRTP, which fans out.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"sync"

	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v3"
)

type room struct {
	tracks []*published
}

type published struct {
	local     *webrtc.TrackLocalStaticRTP
	publisher *webrtc.PeerConnection
	ssrc      webrtc.SSRC
	isVideo   bool
}

type server struct {
	api   *webrtc.API
	mutex sync.Mutex
	rooms map[string]*room
	peers map[string]*webrtc.PeerConnection
}

type answer struct {
	ID  string `json:"id"`
	SDP string `json:"sdp"`
}

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: pion-sfu ADDRESS:PORT")
	}
	api, err := newAPI()
	if err != nil {
		log.Fatal(err)
	}
	s := &server{api: api, rooms: map[string]*room{}, peers: map[string]*webrtc.PeerConnection{}}
	http.HandleFunc("/publish", s.handle(s.publish))
	http.HandleFunc("/subscribe", s.handle(s.subscribe))
	http.HandleFunc("/leave", s.leave)
	http.HandleFunc("/tracks", s.count)
	log.Fatal(http.ListenAndServe(os.Args[1], nil))
}

// As light as Pion goes: ICE-lite on one loopback socket per peer; of the default interceptors NACK with its packet cache and reports.
func newAPI() (*webrtc.API, error) {
	media := &webrtc.MediaEngine{}
	if err := media.RegisterDefaultCodecs(); err != nil {
		return nil, err
	}
	interceptors := &interceptor.Registry{}
	if err := webrtc.ConfigureNack(media, interceptors); err != nil {
		return nil, err
	}
	if err := webrtc.ConfigureRTCPReports(interceptors); err != nil {
		return nil, err
	}
	settings := webrtc.SettingEngine{}
	settings.SetLite(true)
	settings.SetIncludeLoopbackCandidate(true)
	settings.SetInterfaceFilter(func(name string) bool { return name == "lo" })
	settings.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4})
	return webrtc.NewAPI(webrtc.WithMediaEngine(media), webrtc.WithInterceptorRegistry(interceptors), webrtc.WithSettingEngine(settings)), nil
}

func (s *server) handle(connect func(string, *webrtc.PeerConnection) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		offer, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
		if err == nil {
			err = s.negotiate(w, r.URL.Query().Get("room"), string(offer), connect)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
		}
	}
}

func (s *server) negotiate(w http.ResponseWriter, name, offer string, connect func(string, *webrtc.PeerConnection) error) error {
	pc, err := s.api.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return err
	}
	if err = pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: offer}); err != nil {
		return err
	}
	if err = connect(name, pc); err != nil {
		return err
	}
	local, err := pc.CreateAnswer(nil)
	if err != nil {
		return err
	}
	gathered := webrtc.GatheringCompletePromise(pc)
	if err = pc.SetLocalDescription(local); err != nil {
		return err
	}
	<-gathered
	id := fmt.Sprintf("%p", pc)
	s.mutex.Lock()
	s.peers[id] = pc
	s.mutex.Unlock()
	return json.NewEncoder(w).Encode(answer{ID: id, SDP: pc.LocalDescription().SDP})
}

func (s *server) publish(name string, pc *webrtc.PeerConnection) error {
	pc.OnTrack(func(remote *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
		local, err := webrtc.NewTrackLocalStaticRTP(remote.Codec().RTPCodecCapability, remote.ID(), remote.StreamID())
		if err != nil {
			log.Print(err)
			return
		}
		track := &published{local: local, publisher: pc, ssrc: remote.SSRC(), isVideo: remote.Kind() == webrtc.RTPCodecTypeVideo}
		s.mutex.Lock()
		s.room(name).tracks = append(s.room(name).tracks, track)
		s.mutex.Unlock()
		forward(remote, local)
	})
	return nil
}

func forward(remote *webrtc.TrackRemote, local *webrtc.TrackLocalStaticRTP) {
	buffer := make([]byte, 1500)
	for {
		n, _, err := remote.Read(buffer)
		if err != nil {
			return
		}
		if _, err = local.Write(buffer[:n]); err != nil && !errors.Is(err, io.ErrClosedPipe) {
			log.Print(err)
			return
		}
	}
}

func (s *server) subscribe(name string, pc *webrtc.PeerConnection) error {
	s.mutex.Lock()
	tracks := append([]*published{}, s.room(name).tracks...)
	s.mutex.Unlock()
	for _, track := range tracks {
		sender, err := pc.AddTrack(track.local)
		if err != nil {
			return err
		}
		go relayFeedback(sender, track)
	}
	pc.OnConnectionStateChange(func(state webrtc.PeerConnectionState) {
		if state != webrtc.PeerConnectionStateConnected {
			return
		}
		for _, track := range tracks {
			askKeyframe(track)
		}
	})
	return nil
}

func relayFeedback(sender *webrtc.RTPSender, track *published) {
	for {
		packets, _, err := sender.ReadRTCP()
		if err != nil {
			return
		}
		for _, packet := range packets {
			if _, ok := packet.(*rtcp.PictureLossIndication); ok {
				askKeyframe(track)
			}
		}
	}
}

func askKeyframe(track *published) {
	if track.isVideo {
		_ = track.publisher.WriteRTCP([]rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: uint32(track.ssrc)}})
	}
}

// How many tracks a room has so far: they appear with their first packet.
func (s *server) count(w http.ResponseWriter, r *http.Request) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	fmt.Fprint(w, len(s.room(r.URL.Query().Get("room")).tracks))
}

func (s *server) leave(w http.ResponseWriter, r *http.Request) {
	s.mutex.Lock()
	pc := s.peers[r.URL.Query().Get("id")]
	delete(s.peers, r.URL.Query().Get("id"))
	s.mutex.Unlock()
	if pc != nil {
		_ = pc.Close()
	}
}

// The caller holds the mutex.
func (s *server) room(name string) *room {
	found := s.rooms[name]
	if found == nil {
		found = &room{}
		s.rooms[name] = found
	}
	return found
}
