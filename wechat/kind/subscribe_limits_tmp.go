package kind

// MaxSubscribeKeywords is temporary here.
const MaxSubscribeKeywords = 5
